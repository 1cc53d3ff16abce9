"""The command line: KEY=VALUE in Hydra's grammar, and the jobs that its lists and ranges make."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from runner.base.compat import hydra_parser
from runner.base.errors import ConfigurationError
from runner.config.hydra_errors import explain_hydra, is_readable
from runner.config.search_path import composing

_MOST_JOBS = 10_000
_TEXT = re.compile(r"[^\[\]{}'\"=,;:$~\\]+")
"""Without the signs that mean something in Hydra's grammar, or need more than quotes."""

_NO_RUN = ("hydra_help", "cfg", "info", "shell_completion")


@dataclass(frozen=True)
class Command:
    """What a command line asks for.

    Attributes:
        overrides: KEY=VALUE, as given.
        multirun: whether every combination of listed values is to be run.
        only_asks: whether Hydra answers a question about the configuration, and nothing is run.
        asks_for_values: whether that is the question for what the overrides compose, `--cfg`.
    """

    overrides: list[str]
    multirun: bool
    only_asks: bool
    asks_for_values: bool


def read_command_line(arguments: Sequence[str]) -> Command:
    """Parse a command line; raise ConfigurationError for an option that does not exist."""
    parsed, unknown = hydra_parser().parse_known_args(list(arguments))
    only_asks = any(getattr(parsed, name) for name in _NO_RUN)
    if unknown and not only_asks:
        raise ConfigurationError(
            f"{unknown[0]}: not understood; options like -m come first, then values as KEY=VALUE"
            + _without_dashes(unknown[0])
        )
    asks_for_values = bool(parsed.cfg) and not parsed.multirun
    return Command(parsed.overrides, parsed.multirun, only_asks, asks_for_values)


def _without_dashes(option: str) -> str:
    value = re.fullmatch(r"--?([\w.]+=.+)", option)
    return f"; did you mean {value[1]}?" if value else ""


def quote_texts(argument: str) -> str:
    """Put a value that Hydra's grammar does not know, and that is plain text, into quotes.

    Letters with accents and parentheses are such: `dataset.path=Área de Trabalho/fotos (2)`.
    """
    key, equals, value = argument.partition("=")
    is_text = equals and value.isprintable() and _TEXT.fullmatch(value)
    wanted = re.match(r"[+~]*\w", key) and is_text and not is_readable(argument)
    return f"{key}='{value}'" if wanted else argument


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
        raise ConfigurationError(explain_hydra(error, overrides)) from error


def as_overrides(choices: dict[str, str]) -> list[str]:
    """Return choices as KEY=VALUE."""
    return [f"{key}={value}" for key, value in choices.items()]


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
