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
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
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
    parsed = get_args_parser().parse_args(list(arguments))
    if any(getattr(parsed, name) for name in _NO_RUN):
        return
    try:
        jobs = list(_jobs(parsed.overrides)) if parsed.multirun else [parsed.overrides]
        for overrides in jobs:
            compose_job(overrides)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigurationError(_explain(error, parsed.overrides)) from error


def compose_job(overrides: list[str]) -> Config:
    """Compose and check the configuration of one job.

    Raises:
        ConfigurationError: it cannot be run.
        HydraException: it cannot be composed.
    """
    return typed(plain(_compose(overrides)))


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


def _jobs(overrides: list[str]) -> Iterator[list[str]]:
    """Yield the overrides of each job of a sweep over lists and ranges."""
    choices = []
    for override in OverridesParser.create().parse_overrides(overrides):
        key = override.get_key_element()
        if override.is_discrete_sweep():
            choices.append([f"{key}={value}" for value in override.sweep_string_iterator()])
            if not choices[-1]:
                raise ConfigurationError(f"{override.input_line}: a sweep over nothing")
        elif not override.is_sweep_override():
            choices.append([f"{key}={override.get_value_element_as_str()}"])
    for job in itertools.product(*choices):
        yield list(job)


def _explain(error: Exception, overrides: list[str]) -> str:
    """Say in one line what Hydra says in several, with the names that may have been meant."""
    if isinstance(error, MissingConfigException) and error.missing_cfg_file and error.options:
        group, _, choice = error.missing_cfg_file.rpartition("/")
        options = ", ".join(error.options)
        return f"{group}={choice}: no such choice{nearest(choice, error.options)} ({options})"
    unknown = re.match(r"Could not override '([^']+)'", str(error))
    if unknown:
        key = unknown[1].partition("@")[0]
        groups = [path.name for path in CONF.iterdir() if path.is_dir()]
        names = [*groups, *keys(_default_node())]
        given = next((o for o in overrides if o.lstrip("+~").startswith(unknown[1])), key)
        return f"{given}: there is no {key}{nearest(key, names)}"
    return " ".join(str(error).split())


def _default_node() -> dict[str, Any]:
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
        if not isinstance(value, dict | list) or (isinstance(value, dict) and part not in value):
            break  # not a key, but pydantic's name for one of several allowed types
        path.append(str(part))
        value = value[part]
    name = ".".join(path)
    if detail["type"] == "missing":
        return f"{'.'.join(map(str, detail['loc']))}: a value is needed"
    if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{name}: there is no such option{nearest(path[-1], set(keys(node)) - {name})}"
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return f"{name}={value}: {message}"
