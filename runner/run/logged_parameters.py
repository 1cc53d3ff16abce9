"""The few parameters that runs are told apart by: what was chosen, and what was changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from runner.base.option_types import Role
from runner.config.component import Component
from runner.config.naming import short_key
from runner.config.run_config import CONF, Config
from runner.config.search_path import group_files

_PARTS = ("training", "evaluation", "features", "precision", "deterministic")
_OF_DATASET = ("train_size", "validation_fraction")


def logged_parameters(config: Config, seed: int | None = None) -> dict[str, Any]:
    """Return parameters by short names.

    Args:
        config: of the run.
        seed: of one training of several; None means all of them.
    """
    chosen = config.tracking.choices
    always = {
        "dataset": config.dataset.name,
        **{group: chosen[group] for group in ("model", "optimizer", "schedule") if chosen[group]},
        "learning_rate": config.optimizer.options.get("learning_rate"),
        "batch_size": config.training.batch_size,
        "epochs": config.training.epochs,
        **{name: ",".join(part) for name, part in _combined(config).items() if part},
        "seed": config.all_seeds[0] if len(config.all_seeds) == 1 else seed,
    }
    changed = dict(_changed(config))
    short = {short_key(key, changed): value for key, value in changed.items()}
    return {key: value for key, value in (short | always).items() if value is not None}


def _combined(config: Config) -> dict[str, dict[str, Any]]:
    return {
        "augmentation": config.augmentation,
        "callbacks": config.callbacks,
        "baselines": config.baselines,
    }


def _changed(config: Config) -> Iterator[tuple[str, Any]]:
    """Yield what differs from `conf/config.yaml` and the chosen files, and what kind they build."""
    chosen = config.tracking.choices
    for group in ("model", "optimizer", "schedule"):
        component: Component = getattr(config, group)
        kinds = component.options_in(Role.KIND)
        yield from ((f"{group}.{name}", kind) for name, kind in kinds.items())
        yield from _different(group, component.options, _options_of(group, chosen[group]))
    for name, change in config.augmentation.items():
        defaults = _options_of("augmentation", name).get(name) or {}
        yield from _different(f"augmentation.{name}", change.options, defaults)
    plain, main = config.as_plain(), _read(CONF / "config.yaml")
    yield from _different("", {part: plain[part] for part in _PARTS}, main)
    of_data = {key: plain["dataset"][key] for key in _OF_DATASET}
    yield from _different("dataset", of_data, dict.fromkeys(_OF_DATASET, 0))


def _different(prefix: str, values: Mapping[str, Any], defaults: Any) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        name = f"{prefix}.{key}" if prefix else key
        default = defaults.get(key) if isinstance(defaults, dict) else None
        if isinstance(value, dict) and isinstance(default, dict):
            yield from _different(name, value, default)
        elif value not in (default, None):
            yield name, value


def _options_of(group: str, choice: str | None) -> dict[str, Any]:
    paths = [path for path in group_files(group) if path.stem == choice]
    return _read(paths[0]) if paths else {}


def _read(path: Path) -> dict[str, Any]:
    return _content(path, path.stat().st_mtime_ns)


@cache
def _content(path: Path, changed: int) -> dict[str, Any]:
    del changed  # other content where the file is another one
    plain = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
    return {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else {}
