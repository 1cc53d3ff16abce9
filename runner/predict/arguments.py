"""What the commands that take a trained network share: arguments, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, get_args

from runner.base.console import show_error
from runner.base.errors import ConfigurationError, RunnerError
from runner.base.option_types import Language, Normalization

INTERRUPTED = 130
SCALES: list[Normalization] = ["inverted", "unit", "none"]
_RUN = """\
latest; the name of a run, or the beginning of its MLflow id; its folder; the file of a network,
.keras or .h5; or a model in MLflow's registry, models:/NAME@ALIAS or models:/NAME/VERSION"""
_SCALE = """\
what the network of a mere file expects of pixels 0..255, if it has no layer for that: as
model.normalization of `python -m runner`"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors of configuration."""

    def error(self, message: str) -> NoReturn:
        """Raise ConfigurationError."""
        raise ConfigurationError(f"{message}; see `{self.prog} --help`")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which network is meant, and what it knows."""
    add = parser.add_argument
    add("run", metavar="RUN", help=_RUN)
    add("--dataset", metavar="NAME", help="to be recognized; needed where RUN is a mere file")
    add("--scale", choices=SCALES, help=_SCALE)
    add("--seed", metavar="N", type=int, help="of a run with several; default: the first")
    add(
        "--language",
        choices=get_args(Language),
        help="of class names and texts; default: the run's",
    )
    add("--uri", help="of the MLflow store; default: outputs/mlflow.db")


def words(text: str) -> list[str]:
    """Take a list apart that was given with commas; a type of argparse."""
    return [word.strip() for word in text.split(",") if word.strip()]


def positive_int(text: str) -> int:
    """Return a number from 1 on; a type of argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


positive_int.__name__ = "number from 1"  # what argparse says was expected


def end(command: Callable[[Sequence[str]], bool]) -> NoReturn:
    """Run a command on the process' arguments; the exit code is 0 where it says that all is well.

    An error is one line; HYDRA_FULL_ERROR=1 shows where it came from.
    """
    try:
        succeeded = command(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if os.environ.get("HYDRA_FULL_ERROR"):
            raise

        kind = "" if isinstance(error, RunnerError) else f"{type(error).__name__}: "
        show_error(f"{kind}{error}")
        sys.exit(1)
    sys.exit(0 if succeeded else 1)
