"""The fingerprint of a training: a hash of everything that determines its result.

A sweep that is started again skips jobs with the fingerprint of a finished one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from runner.config.naming import WITHOUT_EFFECT
from runner.config.run_config import Config
from runner.models.network_digest import network_digest
from runner.models.transfer import found_weights
from runner.run.source_code import source_files

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")
_ROOTS = ("runner.datasets.loader", "runner.training.trainer", "runner.evaluation.assessment")
"""Modules whose imports, with those of the configured components, compute the result."""

_APART = ("init_from", "resume", "seed", "seeds", "seeds_together")
"""What counts otherwise, by seeds and digests, or changes how a run is carried out alone."""

_OF_TRAINING_WITHOUT_EFFECT = ("checkpoint_minutes",)
_OF_DATA_WITHOUT_EFFECT = (
    *("class_names", "data_dir", "feature_names", "label_names", "output_names"),
    *("own_pictures", "path", "title"),
)
_COVERED_BY_DIGESTS = (
    *("archive", "classes", "digests", "download", "features", "file", "folder", "layouts"),
    *("members", "origin", "target", "test", "train", "validation"),
)
"""Options of a source whose effect is covered by the digests of its arrays."""

_CALLBACKS_WITHOUT_EFFECT = ("path", "pruning")


def fingerprint(config: Config, seeds: list[int], digests: dict[str, str]) -> str:
    """Return the SHA-256 of what determines the result of training with these seeds.

    A weights file counts by its content, not by its path.

    Args:
        config: without effect are paths, tracking, figures and displayed names.
        seeds: of the training; one, or all that are averaged.
        digests: of the decoded arrays of the data set, and of the initial weights.

    Raises:
        ConfigurationError: the weights file does not exist.
        DataError: the weights file is damaged.
    """
    return fingerprinting(config)(seeds, digests)


def fingerprinting(config: Config) -> Callable[[list[int], dict[str, str]], str]:
    """Return `fingerprint` of one configuration: what its seeds share is read once for all."""
    plain = config.as_plain()
    relevant = {key: value for key, value in plain.items() if key not in (*WITHOUT_EFFECT, *_APART)}
    data = _without(relevant["dataset"], _OF_DATA_WITHOUT_EFFECT)
    relevant["dataset"] = data | {"source": _without(data["source"], _COVERED_BY_DIGESTS)}
    relevant["training"] = _without_names(relevant["training"])
    relevant["model"] = _with_weights(relevant["model"])
    relevant["callbacks"] = {
        name: _without(options, _CALLBACKS_WITHOUT_EFFECT)
        for name, options in relevant["callbacks"].items()
        if name not in _CALLBACKS_WITHOUT_EFFECT
    }
    code = code_version(config)

    def of_seeds(seeds: list[int], digests: dict[str, str]) -> str:
        content = [relevant, seeds, digests, code]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    return of_seeds


def code_version(config: Config) -> str:
    """Return a SHA-256 of the code that computes a result, and of the versions of libraries.

    The code is that of training, evaluation and the configured components, with everything they
    import from this package and from modules of the user.
    """
    components = [config.dataset.source, config.model, config.optimizer, config.schedule]
    components += [*config.augmentation.values(), *config.callbacks.values()]
    components += [baseline.estimator for baseline in config.baselines.values()]
    modules = {component.function.__module__ for component in components}
    code = hashlib.sha256()
    for package in _PACKAGES:
        code.update(f"{package}=={version(package)}\n".encode())
    for name, path in source_files(sorted({*_ROOTS, *modules})).items():
        code.update(f"{name}\n".encode() + path.read_bytes())
    return code.hexdigest()


def _with_weights(model: dict[str, Any]) -> dict[str, Any]:
    """Replace the path of a weights file by its digest."""
    found = found_weights(model.get("weights"))
    if found in (None, "imagenet"):
        return model
    return model | {"weights": network_digest(Path(found))}


def _without_names(training: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no effect, the name of the teachers' run too: their digests count."""
    kept = _without(training, _OF_TRAINING_WITHOUT_EFFECT)
    without = tuple(training["distillation"]) if training["distillation"]["teacher"] is None else ()
    return kept | {"distillation": _without(training["distillation"], (*without, "teacher"))}


def _without(plain: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key not in keys}
