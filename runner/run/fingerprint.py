"""What determines the result of a training, as one hash.

A sweep that is started again knows by it what is finished.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from runner.models.network_digest import network_digest
from runner.models.transfer import found_weights

_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")
_CODE = Path(__file__).resolve().parents[1]
_SHOWS_OR_KEEPS = (
    *("config", "figures", "inspect.py", "__main__.py", "predict", "report.py", "run", "sweeps"),
    "tracking",
)
"""Code that decides what is run, or what becomes of its result, not what the result is."""

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


@cache
def code_version() -> str:
    """Return a SHA-256 of the modules that determine results and of the versions below them."""
    code = hashlib.sha256()
    for package in _PACKAGES:
        code.update(f"{package}=={version(package)}\n".encode())
    for path in sorted(_CODE.rglob("*.py")):
        inside = path.relative_to(_CODE)
        if inside.parts[0] not in _SHOWS_OR_KEEPS:
            code.update(f"{inside.as_posix()}\n".encode() + path.read_bytes())
    return code.hexdigest()


def fingerprint(node: dict[str, Any], seeds: list[int], digests: dict[str, str]) -> str:
    """Return the SHA-256 of what determines the result of training with these seeds.

    Of a weights file its content counts, wherever it lies.

    Args:
        node: the composed configuration in plain containers; paths, tracking, figures and names
            that are only shown do not count.
        seeds: trained with; one, or those that are averaged.
        digests: of the decoded arrays of the data set, and of the weights that are gone on from.

    Raises:
        ConfigurationError: there is no such weights file.
        DataError: it is damaged.
    """
    relevant = {key: value for key, value in node.items() if key not in _WITHOUT_EFFECT}
    data = _without(relevant["dataset"], _OF_DATA_WITHOUT_EFFECT)
    relevant["dataset"] = data | {"source": _without(data["source"], _KNOWN_BY_DIGESTS)}
    relevant["model"] = _with_weights(relevant["model"])
    relevant["callbacks"] = {
        name: _without(options, _PLACES)
        for name, options in relevant["callbacks"].items()
        if name not in _PLACES
    }
    content = [relevant, seeds, digests, code_version()]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _with_weights(model: dict[str, Any]) -> dict[str, Any]:
    """Put the digest of a weights file in the place of its path."""
    found = found_weights(model.get("weights"))
    if found in (None, "imagenet"):
        return model
    return model | {"weights": network_digest(Path(found))}


def _without(node: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key not in keys}
