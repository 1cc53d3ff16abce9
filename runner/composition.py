"""From the command line to checked configurations, with errors a user can act on.

Hydra composes; this module does so once more beforehand, for every job of a sweep, so that a
mistake in the last of them is found before the first one starts, and TensorFlow is imported.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.utils import get_args_parser
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from runner.component import OptionsError
from runner.config import CONF, Config, parse
from runner.errors import ConfigurationError

_NO_RUN = ("hydra_help", "cfg", "info", "shell_completion")


def check(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError unless every job that the arguments ask for can be run."""
    parsed, unknown = get_args_parser().parse_known_args(list(arguments))
    if any(getattr(parsed, name) for name in _NO_RUN):
        return
    if unknown:
        raise ConfigurationError(
            f"{unknown[0]}: not understood; options like -m come first, then values as KEY=VALUE"
        )
    for overrides in _jobs(parsed.overrides) if parsed.multirun else [parsed.overrides]:
        compose_job(overrides)


def compose_job(overrides: list[str]) -> Config:
    """Compose and check the configuration of one job; raise ConfigurationError."""
    try:
        node = plain(_compose(overrides))
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise ConfigurationError(_explain(error, overrides)) from error
    return typed(node)


def typed(node: dict[str, Any]) -> Config:
    """Give a configuration in plain containers its types; raise ConfigurationError."""
    try:
        return parse(node)
    except ValidationError as error:
        lines = dict.fromkeys(_explain_values(error, node))
        raise ConfigurationError("; ".join(lines)) from error


def plain(composed: DictConfig) -> dict[str, Any]:
    """Return a composed configuration as plain containers, every value resolved."""
    resolved = OmegaConf.to_container(composed, resolve=True)
    assert isinstance(resolved, dict)
    return {str(key): value for key, value in resolved.items()}


def nearest(word: str, words: Iterable[str]) -> str:
    """Return what may have been meant by a word, as a question to end an error with, or nothing."""
    words = list(words)
    last = word.rpartition(".")[2]
    by_last = {name.rpartition(".")[2]: name for name in reversed(words)}
    near = [by_last[name] for name in get_close_matches(last, by_last, n=1, cutoff=0.75)]
    near += get_close_matches(word, words, n=2, cutoff=0.6)
    return f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else ""


def keys(node: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of everything in nested dicts."""
    for key, value in node.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{key}.")


def _compose(overrides: list[str]) -> DictConfig:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config", overrides, return_hydra_config=True)
    with open_dict(composed):
        composed.hydra.runtime.output_dir = "outputs"  # known only when the job starts
        composed.hydra.job.num, composed.hydra.job.id = 0, "0"
        HydraConfig.instance().set_config(composed)  # some values refer to Hydra's choices
        del composed["hydra"]
    return composed


def _jobs(overrides: list[str]) -> list[list[str]]:
    """Return the overrides of each job of a sweep over lists, ranges and globs."""
    choices = []
    try:
        with initialize_config_dir(str(CONF), version_base="1.3"):
            loader = GlobalHydra.instance().config_loader()  # knows which files a glob names
            for override in OverridesParser.create(loader).parse_overrides(overrides):
                choices.append(_values(override))
    except HydraException as error:
        raise ConfigurationError(_explain(error, overrides)) from error
    return [list(job) for job in itertools.product(*choices)]


def _values(override: Override) -> list[str]:
    """Return an override with each of the values it sweeps over."""
    key = override.get_key_element()
    if not override.is_sweep_override():
        return [f"{key}={override.get_value_element_as_str()}"]
    if not override.is_discrete_sweep():
        raise ConfigurationError(f"{override.input_line}: only lists and ranges can be swept over")
    values = [f"{key}={value}" for value in override.sweep_string_iterator()]
    if not values:
        raise ConfigurationError(f"{override.input_line}: a sweep over nothing")
    return values


def _explain(error: Exception, overrides: list[str]) -> str:
    """Say in one line what Hydra says in several, with the names that may have been meant."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        options = error.options or sorted(path.stem for path in (CONF / group).glob("*.yaml"))
        listed = ", ".join(options)
        return f"{group}={choice}: no such choice{nearest(choice, options)} ({listed})"
    unknown = re.match(r"Could not override '([^']+)'", str(error))
    if unknown:
        key = unknown[1].partition("@")[0]
        names = [*_groups(), *keys(_chosen_node(overrides))]
        given = next((o for o in overrides if o.lstrip("+~").startswith(unknown[1])), key)
        return f"{given}: there is no {key}{nearest(key, names)}"
    if "Config group override must be" in str(error):
        wrong = [o for o in overrides if re.match(r"[\w/]*=(null|true|false|[-+.\d]+)$", o, re.I)]
        return f"{', '.join(wrong) or overrides}: a group takes the name of one of its choices"
    return " ".join(str(error).split())


def _groups() -> list[str]:
    return sorted(path.name for path in CONF.iterdir() if path.is_dir())


def _chosen_node(overrides: list[str]) -> dict[str, Any]:
    """Compose the chosen files without single values, for the names that are in them."""
    try:
        return plain(_compose([o for o in overrides if o.partition("=")[0] in _groups()]))
    except (HydraException, ValueError):
        return plain(_compose([]))


def _explain_values(error: ValidationError | OptionsError, node: dict[str, Any]) -> Iterator[str]:
    """Say of each wrong value what it is and what was expected."""
    for detail in error.errors():
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, OptionsError):
            inner: Any = node
            for part in detail["loc"]:
                inner = inner[part]
            prefix = ".".join(map(str, detail["loc"]))
            yield from (f"{prefix}.{line}" for line in _explain_values(cause, inner))
            continue
        yield _explain_value(detail, node)


def _explain_value(detail: Any, node: dict[str, Any]) -> str:
    value: Any = node
    path = []
    for part in detail["loc"]:
        known = range(len(value)) if isinstance(value, list) else value
        if not isinstance(value, dict | list) or part not in known:
            break  # no key: pydantic's name for one of several types, or an item that is missing
        path.append(str(part))
        value = value[part]
    name = ".".join(path)
    if detail["type"] == "missing":
        return f"{'.'.join(map(str, detail['loc']))}: a value is needed"
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{name}: there is no such option{nearest(path[-1], set(keys(node)) - {name})}"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return f"{name}={value}: {message}"
