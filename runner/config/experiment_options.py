"""Options that an experiment or a sweep sets, but a chosen component does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from runner.base.errors import ConfigurationError
from runner.config.component import option_model
from runner.config.entries import TrackingConfig
from runner.config.groups import MODEL, OPTIMIZER, SCHEDULE, TRACKING, Group
from runner.config.run_config import CONF
from runner.config.search_path import group_files

_SETTING = ("experiment", "sweep")
"""Folders in `conf/` whose files set options of components."""


def check_experiment(overrides: list[str], plain: dict[str, Any]) -> None:
    """Raise ConfigurationError where an experiment's or a sweep's option is none of a component.

    Args:
        overrides: of the job, as on the command line.
        plain: the configuration that they compose.
    """
    chosen = dict(override.split("=", 1) for override in overrides if "=" in override)
    for group in (MODEL, OPTIMIZER, SCHEDULE, TRACKING):
        for folder in _SETTING:
            if folder in chosen and group.folder in chosen:
                _check(f"{folder}/{chosen[folder]}", group, chosen, plain[group.folder])


def _check(setting: str, group: Group, chosen: dict[str, str], options: dict[str, Any]) -> None:
    if "_target_" not in options:
        return
    known = set(option_model(group.locate(options["_target_"])).model_fields)
    if group is TRACKING:
        known |= TrackingConfig.own_options()
    lacking = [name for name in options if name not in known and name != "_target_"]
    lines = _setting(setting, group.folder)
    set_there = {name: lines[name] for name in lacking if name in lines}
    if not set_there:
        return
    keys = [f"{group.folder}.{name}" for name in set_there]
    files = " and ".join(dict.fromkeys(set_there.values()))
    raise ConfigurationError(
        f"{files} sets {', '.join(keys)}, which conf/{group.folder}/{chosen[group.folder]}.yaml "
        f"does not have; leave out what it sets by adding {' '.join(f'~{key}' for key in keys)}, "
        f"or choose another {group.folder}"
    )


def _setting(setting: str, group: str) -> dict[str, str]:
    """Return which file sets each option: the one that is chosen, or one that it goes on from."""
    found: dict[str, str] = {}
    for name, content in _inherited(setting):
        for option in content.get(group) or {}:
            found.setdefault(option, f"conf/{name}.yaml")
    return found


def _inherited(setting: str) -> Iterator[tuple[str, dict[str, Any]]]:
    folder, _, name = setting.partition("/")
    files: dict[str, Path] = {path.stem: path for path in group_files(folder, CONF)}
    if name in files:
        content = yaml.safe_load(files[name].read_text(encoding="utf-8")) or {}
        yield setting, content
        for one in content.get("defaults", []):
            if isinstance(one, str) and one != "_self_":
                yield from _inherited(f"{folder}/{one}")
