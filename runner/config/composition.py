"""The composition of configurations from the command line, with errors a user can act on.

Hydra composes; this module does so once more beforehand, for every job of a sweep, so that a
mistake in the last of them is found before the first one starts, and TensorFlow is imported.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from runner.base.compat import hydra_parser
from runner.base.errors import ConfigurationError
from runner.base.suggestions import nearest, nearest_or_all
from runner.config.checks import parse_config
from runner.config.experiment_options import check_experiment
from runner.config.hydra_settings import check_settings
from runner.config.messages import dotted_keys, explain_grammar, explain_unclosed, explain_values
from runner.config.run_config import CONF, Config
from runner.config.search_path import composing, group_files

_MOST_JOBS = 10_000
_NO_RUN = ("hydra_help", "cfg", "info", "shell_completion")


@dataclass(frozen=True)
class Command:
    """What a command line asks for.

    Attributes:
        overrides: KEY=VALUE, as given.
        multirun: whether every combination of listed values is to be run.
        only_asks: whether Hydra answers a question about the configuration, and nothing is run.
    """

    overrides: list[str]
    multirun: bool
    only_asks: bool


def read_command_line(arguments: Sequence[str]) -> Command:
    """Parse a command line; raise ConfigurationError for an option that does not exist."""
    parsed, unknown = hydra_parser().parse_known_args(list(arguments))
    only_asks = any(getattr(parsed, name) for name in _NO_RUN)
    if unknown and not only_asks:
        raise ConfigurationError(
            f"{unknown[0]}: not understood; options like -m come first, then values as KEY=VALUE"
        )
    return Command(parsed.overrides, parsed.multirun, only_asks)


def compose_job(overrides: list[str]) -> Config:
    """Compose and check the configuration of one job; raise ConfigurationError."""
    composed = compose_plain(overrides)
    check_experiment(overrides, composed)
    return typed_config(composed)


def compose_plain(
    overrides: list[str], folder: Path = Path("outputs"), conf: Path = CONF
) -> dict[str, Any]:
    """Compose one job as plain containers; raise ConfigurationError where that is impossible.

    Args:
        overrides: of the job.
        folder: that the job will write to.
        conf: what is composed.
    """
    configuration = _composed(overrides, folder, conf)
    del configuration["hydra"]
    return configuration


def compose_hydra(overrides: list[str]) -> dict[str, Any]:
    """Compose what Hydra's own settings say of a sweep: its `launcher` and `sweep_dir`."""
    settings = _composed(overrides)["hydra"]
    assert isinstance(settings, dict)
    return settings


def typed_config(configuration: dict[str, Any]) -> Config:
    """Give a configuration in plain containers its types; raise ConfigurationError."""
    try:
        return parse_config(configuration)
    except ValidationError as error:
        lines = dict.fromkeys(explain_values(error, configuration))
        raise ConfigurationError("; ".join(lines)) from error


def plain(composed: DictConfig) -> dict[str, Any]:
    """Return a composed configuration as plain containers, every value resolved."""
    resolved = OmegaConf.to_container(composed, resolve=True)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items()}


def expand_sweep(overrides: list[str]) -> tuple[list[str], list[dict[str, str]]]:
    """Take the lists, ranges and globs of a sweep apart.

    Returns:
        the overrides with one value, and every combination of the values of the others.
    """
    fixed, swept = [], {}
    for override in parse_overrides(overrides):
        key = override.get_key_element()
        if override.is_sweep_override():
            swept[key] = _values(override)
        else:
            fixed.append(f"{key}={override.get_value_element_as_str()}")
    if (jobs := math.prod(map(len, swept.values()))) > _MOST_JOBS:
        raise ConfigurationError(
            f"{', '.join(swept)}: {jobs:,} jobs, expected at most {_MOST_JOBS:,}; sweep over fewer"
        )
    combinations = itertools.product(*swept.values())
    return fixed, [dict(zip(swept, values, strict=True)) for values in combinations]


def parse_overrides(overrides: list[str]) -> list[Override]:
    """Parse KEY=VALUE in Hydra's grammar; raise ConfigurationError."""
    try:
        with composing():
            loader = GlobalHydra.instance().config_loader()  # knows which files a glob names
            return OverridesParser.create(loader).parse_overrides(overrides)
    except HydraException as error:
        raise ConfigurationError(_explain(error, overrides)) from error


def as_overrides(choices: dict[str, str]) -> list[str]:
    """Return choices as KEY=VALUE."""
    return [f"{key}={value}" for key, value in choices.items()]


def _composed(
    overrides: list[str], folder: Path = Path("outputs"), conf: Path = CONF
) -> dict[str, Any]:
    for override in overrides:
        key, at, _ = override.partition("=")[0].lstrip("+~").partition("@")
        if at:
            raise ConfigurationError(
                f"{override}: the choice of {key} has one place; write {key}= without @"
            )
    try:
        return plain(_compose(overrides, folder, conf))
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise ConfigurationError(_explain(error, overrides)) from error


def _compose(overrides: list[str], folder: Path = Path("outputs"), conf: Path = CONF) -> DictConfig:
    with composing(conf):
        composed = compose("config", overrides, return_hydra_config=True)
    chosen = composed.hydra
    check_settings(chosen)
    with open_dict(composed):
        chosen.runtime.output_dir = str(folder)  # known only when a job starts
        chosen.job.num, chosen.job.id = 0, "0"
        HydraConfig.instance().set_config(composed)  # some values refer to Hydra's choices
        composed.hydra = {"launcher": chosen.launcher, "sweep_dir": chosen.sweep.dir}
    return composed


def _values(override: Override) -> list[str]:
    """Return the values an override sweeps over."""
    if not override.is_discrete_sweep():
        raise ConfigurationError(f"{override.input_line}: only lists and ranges can be swept over")
    values = list(itertools.islice(override.sweep_string_iterator(), _MOST_JOBS + 1))
    if not values:
        raise ConfigurationError(f"{override.input_line}: a sweep over nothing")
    if len(values) > _MOST_JOBS:
        raise ConfigurationError(
            f"{override.input_line}: more than {_MOST_JOBS:,} values; sweep over fewer"
        )
    return values


def _explain(error: Exception, overrides: list[str]) -> str:
    """Say in one line what Hydra says in several, with the names that may have been meant."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        options = error.options or [path.stem for path in group_files(group)]
        return f"{group}={choice}: no such choice{nearest_or_all(choice, options)}"
    unknown = re.match(r"Could not override '([^']+)'", str(error))
    if unknown:
        key = unknown[1]
        names = [*_groups(), *dotted_keys(_chosen_plain(overrides))]
        given = next((o for o in overrides if o.lstrip("+~").startswith(unknown[1])), key)
        return f"{given}: there is no {key}{nearest(key, names)}"
    if "Config group override must be" in str(error):
        wrong = [o for o in overrides if re.match(r"[\w/]*=(null|true|false|[-+.\d]+)$", o, re.I)]
        return f"{', '.join(wrong) or overrides}: a group takes the name of one of its choices"
    return _explain_value(str(error), overrides)


def _explain_value(message: str, overrides: list[str]) -> str:
    merged = re.match(r"Error merging override (.*)", message)
    if merged:
        return _explain_type(merged[1], overrides)
    if open_ended := next(filter(None, map(explain_unclosed, overrides)), None):
        return open_ended
    if unreadable := next(itertools.filterfalse(_is_readable, overrides), None):
        return explain_grammar(unreadable)
    return " ".join(message.split())


def _is_readable(override: str) -> bool:
    try:
        OverridesParser.create().parse_override(override)
    except HydraException:
        return False
    return True


def _explain_type(override: str, overrides: list[str]) -> str:
    """Say that a value is a list or a mapping where another one of these is expected."""
    value: Any = _chosen_plain(overrides)
    for part in override.partition("=")[0].lstrip("+~").split("."):
        value = value.get(part) if isinstance(value, dict) else None
    kinds = {"a mapping such as {key: value}": dict, "a list such as [1, 2]": list}
    expected = next((kind for kind, type_ in kinds.items() if isinstance(value, type_)), "a value")
    return f"{override}: expected {expected}, as it was: {value}"


def _groups() -> list[str]:
    return sorted(path.name for path in CONF.iterdir() if path.is_dir() and path.name != "hydra")


def _chosen_plain(overrides: list[str]) -> dict[str, Any]:
    """Compose the chosen files without single values, for the names that are in them."""
    try:
        return plain(_compose([o for o in overrides if o.partition("=")[0] in _groups()]))
    except (HydraException, ValueError):
        return plain(_compose([]))
