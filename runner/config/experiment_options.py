"""Options that an experiment sets, but a component chosen on the command line does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from runner.base.errors import ConfigurationError
from runner.config.component import option_model
from runner.config.groups import MODEL, OPTIMIZER, SCHEDULE, Group
from runner.config.run_config import CONF
from runner.config.search_path import group_files


def check_experiment(overrides: list[str], plain: dict[str, Any]) -> None:
    """Raise ConfigurationError where an experiment's option is none of a chosen component.

    Args:
        overrides: of the job, as on the command line.
        plain: the configuration that they compose.
    """
    chosen = dict(override.split("=", 1) for override in overrides if "=" in override)
    for group in (MODEL, OPTIMIZER, SCHEDULE):
        if "experiment" in chosen and group.folder in chosen:
            _check(chosen["experiment"], group, chosen, plain[group.folder])


def _check(experiment: str, group: Group, chosen: dict[str, str], options: dict[str, Any]) -> None:
    if "_target_" not in options:
        return
    known = option_model(group.locate(options["_target_"])).model_fields
    lacking = [name for name in options if name not in known and name != "_target_"]
    lines = _setting(experiment, group.folder)
    by_experiment = {name: lines[name] for name in lacking if name in lines}
    if not by_experiment:
        return
    keys = [f"{group.folder}.{name}" for name in by_experiment]
    files = " and ".join(dict.fromkeys(by_experiment.values()))
    raise ConfigurationError(
        f"{files} sets {', '.join(keys)}, which conf/{group.folder}/{chosen[group.folder]}.yaml "
        f"does not have; leave out what it sets by adding {' '.join(f'~{key}' for key in keys)}, "
        f"or choose another {group.folder}"
    )


def _setting(experiment: str, group: str) -> dict[str, str]:
    """Return which file sets each option: the experiment's, or one that it goes on from."""
    found: dict[str, str] = {}
    for name, content in _inherited(experiment):
        for option in content.get(group) or {}:
            found.setdefault(option, f"conf/experiment/{name}.yaml")
    return found


def _inherited(experiment: str) -> Iterator[tuple[str, dict[str, Any]]]:
    files: dict[str, Path] = {path.stem: path for path in group_files("experiment", CONF)}
    if experiment in files:
        content = yaml.safe_load(files[experiment].read_text(encoding="utf-8")) or {}
        yield experiment, content
        for one in content.get("defaults", []):
            if isinstance(one, str) and one != "_self_":
                yield from _inherited(one)
