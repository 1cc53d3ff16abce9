"""Hydra's errors in one line, with the names that may have been meant."""

from __future__ import annotations

import itertools
import re
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, MissingConfigException
from omegaconf import OmegaConf

from runner.base.program_files import command_name
from runner.base.suggestions import nearest, nearest_or_all
from runner.config.dataset_config import DatasetConfig
from runner.config.hydra_composition import compose_by_hydra, plain
from runner.config.messages import (
    dotted_keys,
    explain_grammar,
    explain_several,
    explain_unclosed,
    explain_word,
)
from runner.config.run_config import CONF
from runner.config.search_path import group_files
from runner.config.training_config import TrainingConfig


def explain_hydra(error: Exception, overrides: list[str]) -> str:
    """Say in one line what Hydra says in several, with the names that may have been meant."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        options = error.options or [path.stem for path in group_files(group)]
        listed = nearest_or_all(choice, options)
        more = f"; {command_name()} --help explains them all" if listed.endswith(" more)") else ""
        return f"{group}={choice}: no such choice{listed}{more}"
    unknown = re.match(r"Could not override '([^']+)'", str(error))
    if unknown:
        key = unknown[1]
        names = [*_groups(), *dotted_keys(_chosen_plain(overrides))]
        given = next((o for o in overrides if o.lstrip("+~").startswith(unknown[1])), key)
        hint = _choices_with(key) or _added(given, key) or nearest(key, names)
        return f"{given}: there is no {key}{hint}"
    if "Config group override must be" in str(error):
        wrong = [o for o in overrides if re.match(r"[\w/]*=(null|true|false|[-+.\d]+)$", o, re.I)]
        return f"{', '.join(wrong) or overrides}: a group takes the name of one of its choices"
    if several := re.search(r"Ambiguous value for argument '([^=']+)=([^']*)'", str(error)):
        return explain_several(several[1], several[2], _chosen_value(several[1], overrides))
    return _explain_missing(str(error), overrides) or _explain_value(str(error), overrides)


def _choices_with(key: str) -> str:
    """Return which other choices of its group have an option, or an empty string."""
    group, _, option = key.partition(".")
    if group not in _groups() or group in ("experiment", "sweep"):
        return ""
    settings = {
        path.stem: OmegaConf.to_container(OmegaConf.load(path)) for path in group_files(group)
    }
    owners = [name for name, values in settings.items() if _holds(values, option.split("."))]
    *some, last = owners or [""]
    listed = " or ".join([", ".join(some), last] if some else [last])
    return f" here; it is an option of {group}={listed}" if owners else ""


def _added(given: str, key: str) -> str:
    """Return how an option is added within one of training that is null or given as a whole."""
    owner, _, last = key.rpartition(".")
    kinds = get_args(get_type_hints(TrainingConfig).get(owner.removeprefix("training.")))
    known = [field.name for kind in kinds if is_dataclass(kind) for field in fields(kind)]
    if last not in known:
        return ""
    return f" unless {owner}={{...}} gives it; +{given} adds it"


def _holds(settings: Any, parts: list[str]) -> bool:
    """Return whether settings have a key within a key, and so on."""
    for part in parts:
        if not isinstance(settings, dict) or part not in settings:
            return False
        settings = settings[part]
    return True


def _explain_missing(message: str, overrides: list[str]) -> str | None:
    """Say which key the chosen data set's file lacks, to which others refer; else None."""
    pattern = r"Interpolation key '(dataset\.)?(\w+)' not found\s+full_key: (dataset\.)?"
    missing = re.match(pattern, message)
    chosen = [o.partition("=")[2] for o in overrides if o.startswith("dataset=")]
    paths = [path for path in group_files("dataset") if [path.stem] == chosen[-1:]]
    if not missing or not (missing[1] or missing[3]) or not paths:
        return None
    keys = [str(key) for key in OmegaConf.load(paths[0])]
    if missing[2] in keys:
        return None
    known = {"defaults", *(field.name for field in fields(DatasetConfig))}
    unknown = ", ".join(key for key in keys if key not in known)
    more = f"; there is no such option as {unknown}" if unknown else ""
    return f"conf/dataset/{paths[0].name}: {missing[2]} is missing{more}"


def _explain_value(message: str, overrides: list[str]) -> str:
    merged = re.match(r"Error merging override (.*)", message)
    if merged:
        return _explain_type(merged[1], overrides)
    if open_ended := next(filter(None, map(explain_unclosed, overrides)), None):
        return open_ended
    if unreadable := next(itertools.filterfalse(is_readable, overrides), None):
        if not all(unreadable.partition("=")[::2]):
            keys = [*_groups(), *dotted_keys(_chosen_plain(overrides))]
            return explain_word(overrides, overrides.index(unreadable), keys)
        return explain_grammar(unreadable)
    return " ".join(message.split())


def is_readable(override: str) -> bool:
    """Return whether Hydra's grammar knows KEY=VALUE as it is."""
    try:
        OverridesParser.create().parse_override(override)
    except HydraException:
        return False
    return True


def _explain_type(override: str, overrides: list[str]) -> str:
    """Say that a value is a list or a mapping where another one of these is expected."""
    value = _chosen_value(override.partition("=")[0].lstrip("+~"), overrides)
    kinds = {"a mapping such as {key: value}": dict, "a list such as [1, 2]": list}
    expected = next((kind for kind, type_ in kinds.items() if isinstance(value, type_)), "a value")
    return f"{override}: expected {expected}, as it was: {value}"


def _chosen_value(key: str, overrides: list[str]) -> Any:
    """Return what the chosen files say of a key; None where they say nothing."""
    value: Any = _chosen_plain(overrides)
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _groups() -> list[str]:
    return sorted(path.name for path in CONF.iterdir() if path.is_dir() and path.name != "hydra")


def _chosen_plain(overrides: list[str]) -> dict[str, Any]:
    """Compose the chosen files without single values, for the names that are in them."""
    try:
        return plain(compose_by_hydra([o for o in overrides if o.partition("=")[0] in _groups()]))
    except (HydraException, ValueError):
        return plain(compose_by_hydra([]))
