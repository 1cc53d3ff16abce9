"""The functions that the YAML files in `conf/` call, as `${name:arguments}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from omegaconf import OmegaConf

from runner.config.naming import run_name
from runner.config.own_folders import class_folders
from runner.config.own_tables import csv_classes, csv_features, csv_target

_OF_OWN_DATA = (class_folders, csv_classes, csv_features, csv_target)


def register_resolvers() -> None:
    """Let YAML files call these functions."""
    resolvers: dict[str, Callable[..., Any]]
    resolvers = {"run_name": run_name, "choices": _choices, "count": len}
    resolvers |= {function.__name__: function for function in _OF_OWN_DATA}
    for name, resolver in resolvers.items():
        OmegaConf.register_new_resolver(name, resolver, replace=True)


def _choices(chosen: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the chosen file of each group of the program, without Hydra's own."""
    return {group: choice for group, choice in chosen.items() if re.fullmatch(r"\w+", group)}
