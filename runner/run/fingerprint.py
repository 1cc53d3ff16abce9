"""Fingerprint of a training: one hash of everything that determines its result.

A sweep that is started again knows by it what is finished.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from runner.config.run_config import Config
from runner.models.network_digest import network_digest
from runner.models.transfer import found_weights
from runner.run.source_code import source_files

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")
_TRUNK = ("runner.datasets.loader", "runner.training.trainer", "runner.evaluation.assessment")
"""Modules whose imports, with those of the configured components, compute the result."""

_WITHOUT_EFFECT = (
    *("device", "figures", "init_from", "language", "seed", "seeds", "sweep", "tracking"),
)
_OF_DATA_WITHOUT_EFFECT = (*("class_names", "data_dir", "output_names", "own_pictures", "title"),)
_KNOWN_BY_DIGESTS = (
    *("archive", "classes", "digests", "download", "folder", "layouts", "members", "origin"),
    *("test", "train", "validation"),
)
"""Where a source finds its arrays; what it makes of them afterwards, such as a border, counts."""

_PLACES = ("path", "pruning")


def fingerprint(config: Config, seeds: list[int], digests: dict[str, str]) -> str:
    """Return the SHA-256 of what determines the result of training with these seeds.

    Of a weights file its content counts, wherever it lies.

    Args:
        config: paths, tracking, figures and names that are only shown do not count.
        seeds: trained with; one, or those that are averaged.
        digests: of the decoded arrays of the data set, and of the weights that are gone on from.

    Raises:
        ConfigurationError: there is no such weights file.
        DataError: it is damaged.
    """
    plain = config.as_plain()
    relevant = {key: value for key, value in plain.items() if key not in _WITHOUT_EFFECT}
    data = _without(relevant["dataset"], _OF_DATA_WITHOUT_EFFECT)
    relevant["dataset"] = data | {"source": _without(data["source"], _KNOWN_BY_DIGESTS)}
    relevant["model"] = _with_weights(relevant["model"])
    relevant["callbacks"] = {
        name: _without(options, _PLACES)
        for name, options in relevant["callbacks"].items()
        if name not in _PLACES
    }
    content = [relevant, seeds, digests, code_version(config)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def code_version(config: Config) -> str:
    """Return a SHA-256 of the code that computes a result, and of the versions below it.

    The code is what trains and evaluates, and the modules of the configured components, with
    everything these import of this package, and of the user's own modules.
    """
    components = [config.dataset.source, config.model, config.optimizer, config.schedule]
    components += [*config.augmentation.values(), *config.callbacks.values()]
    components += [baseline.estimator for baseline in config.baselines.values()]
    modules = {component.function.__module__ for component in components}
    code = hashlib.sha256()
    for package in _PACKAGES:
        code.update(f"{package}=={version(package)}\n".encode())
    for name, path in source_files(sorted({*_TRUNK, *modules})).items():
        code.update(f"{name}\n".encode() + path.read_bytes())
    return code.hexdigest()


def _with_weights(model: dict[str, Any]) -> dict[str, Any]:
    """Put the digest of a weights file in the place of its path."""
    found = found_weights(model.get("weights"))
    if found in (None, "imagenet"):
        return model
    return model | {"weights": network_digest(Path(found))}


def _without(plain: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key not in keys}
