"""Names of runs and of the jobs of sweeps, made of what was chosen on the command line."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath

_LONGEST_NAME, _HASH = 100, 6
NAMING_RUNS = ("init_from", "training.distillation.teacher")
"""Keys whose value is a run."""

_PATHS = (*NAMING_RUNS, "dataset.path")
WITHOUT_EFFECT = ("device", "figure_format", "figures", "language", "sweep", "tracking")
"""First parts of the keys that change no result: where it is computed, how it is shown and kept."""

_NOT_NAMED = (*WITHOUT_EFFECT, "experiment", "hydra")
_ONLY_HOW = ("seeds_together", "training.checkpoint_minutes", "training.device_data_gb")
"""Keys that change how a run is carried out, not what comes of it."""


def job_name(choices: Mapping[str, str]) -> str:
    """Return a name for choices, valid as a folder and of limited length."""
    values = {key: re.sub(r"[\[\]]", "", value).replace(",", "-") for key, value in choices.items()}
    text = ",".join(f"{short_key(key, values)}={value}" for key, value in values.items())
    return _limited(text, str(choices))


def short_key(key: str, keys: Iterable[str]) -> str:
    """Return the last part of a dotted key, or all of it where others end in the same."""
    last = key.rpartition(".")[2]
    return last if [other.rpartition(".")[2] for other in keys].count(last) == 1 else key


def run_name(
    experiment: str | None, model: str | None, dataset: str, overrides: Collection[str]
) -> str:
    """Return the name of a run: its experiment, or model and data set, and what was changed.

    Args:
        experiment: its name in `conf/experiment`, or None.
        model: its name in `conf/model`.
        dataset: name of the data set.
        overrides: KEY=VALUE of the command line.
    """
    named = ("model", "dataset") if experiment is None else ()
    without = {override[1:] for override in overrides if override.startswith("~")}
    pairs = (override.lstrip("+~").partition("=") for override in overrides)
    changed = {
        key: "" if key in without else f"-{_shown(key, value)}"
        for key, _, value in pairs
        if re.split(r"[./@]", key)[0] not in _NOT_NAMED and key not in (*named, *_ONLY_HOW)
    }
    parts = [experiment or f"{model}-{dataset}"]
    for key, value in changed.items():
        parts.append(f"{'' if value else 'without-'}{short_key(key, changed)}{value}")
    return _limited(_shortened(parts, str(changed)), str(changed))


def _shortened(parts: list[str], unique: str) -> str:
    """Join the parts of a name, the last ones as a hash where all are too long."""
    joined = "+".join(parts)
    if len(joined) <= _LONGEST_NAME:
        return joined
    first = joined[: _LONGEST_NAME - _HASH].rpartition("+")[0]
    return f"{first}+{_hash(unique)}" if len(first) > _LONGEST_NAME // 2 else joined


def _shown(key: str, value: str) -> str:
    """Return a value without what must be quoted in `init_from=NAME`, or for a shell."""
    word = PurePath(value).name if key in _PATHS else value
    return re.sub(r"[,=:\s]+", "-", re.sub(r"[\[\]{}'\"]", "", word).strip())


def _limited(text: str, unique: str) -> str:
    """Return a text without the characters that names may not have, and with a hash if changed."""
    name = re.sub(r"[^\w.,=+-]+", "_", text).strip("_").rstrip(".")  # Windows drops a last dot
    if name == text and len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME].rstrip('_')}-{_hash(unique)}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH]
