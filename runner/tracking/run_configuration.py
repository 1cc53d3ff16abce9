"""The configuration in the folder of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from runner.base.option_types import LANGUAGES
from runner.base.stored_files import reading
from runner.tracking.found_run import CONFIGURATION

_PARTS = (
    *("dataset", "model", "augmentation", "figures", "language", "evaluation", "training"),
    "init_from",
)


def configuration_of(folder: Path) -> dict[str, Any] | None:
    """Return the configuration of the network in the folder of a run, or of a seed; or None."""
    return _configuration(folder) or _configuration(folder.absolute().parent)


def configured_seeds(folder: Path) -> list[int]:
    """Return the seeds that a run was to be trained with; empty where its folder does not say."""
    if not (folder / CONFIGURATION).is_file():
        return []
    with reading(folder / CONFIGURATION):
        composed: Any = OmegaConf.load(folder / CONFIGURATION)
        seeds = composed.get("seeds", [])
        seeds = [composed.seed + one for one in range(seeds)] if isinstance(seeds, int) else seeds
        return [int(seed) for seed in seeds]


def _configuration(folder: Path) -> dict[str, Any] | None:
    """Read what figures and predictions need from the configuration in a folder, or None."""
    if not (folder / CONFIGURATION).is_file():
        return None
    with reading(folder / CONFIGURATION):
        composed = OmegaConf.load(folder / CONFIGURATION)
        if not isinstance(composed, DictConfig):
            raise TypeError("expected keys and values")
        chosen = OmegaConf.masked_copy(composed, [part for part in _PARTS if part in composed])
        plain = OmegaConf.to_container(chosen, resolve=True)
        assert isinstance(plain, dict)
        if "dataset" not in plain:
            raise ValueError("it has no dataset")
        for part, value in plain.items():
            if not _is_right(str(part), value):
                raise ValueError(f"{part!s}: expected other values than {value!r}")
    return {str(key): value for key, value in plain.items()}


def _is_right(part: str, value: Any) -> bool:
    if part == "language":
        return value in LANGUAGES
    return isinstance(value, str | None if part == "init_from" else dict)
