"""Entry point of every command: exit codes, error messages and argument types."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, cast

from runner.base.console import show_error
from runner.base.early_interrupt import INTERRUPTED, leave_to_command
from runner.base.errors import ConfigurationError, one_line
from runner.base.interruptions import interruptible
from runner.base.language import error_language
from runner.base.option_types import LANGUAGES, Language

OK, FAILED, WRONG_USE = 0, 1, 2
"""Exit codes, beside INTERRUPTED."""


def run_command(
    command: Callable[[Sequence[str]], bool],
    arguments: Sequence[str] | None = None,
    *,
    interrupted: str = "interrupted",
    wrong_use: int = FAILED,
) -> int:
    """Run a command and return its exit code.

    An error is one line on standard error, in the language of the run that it comes from, or that
    the command line asks for, if it is known in it; HYDRA_FULL_ERROR=1 shows its traceback.
    SIGTERM ends a command as Ctrl-C does.

    Args:
        command: takes the arguments and returns whether it succeeded.
        arguments: of the command line; None means those of the process.
        interrupted: message after an interruption that has none of its own.
        wrong_use: exit code of a wrong command line or configuration.
    """
    traceback = bool(os.environ.get("HYDRA_FULL_ERROR"))
    arguments = sys.argv[1:] if arguments is None else arguments
    language = language_of(arguments)
    try:
        leave_to_command()
        with interruptible():
            succeeded = command(arguments)
    except KeyboardInterrupt as interruption:
        show_error(str(interruption) or interrupted, error_language(interruption, language))
        return INTERRUPTED
    except Exception as error:
        if traceback:
            raise
        show_error(one_line(error), error_language(error, language))
        return wrong_use if isinstance(error, ConfigurationError) else FAILED
    return OK if succeeded else FAILED


def language_of(arguments: Sequence[str]) -> Language:
    """Return the language that a command line asks for, whatever else is wrong with it."""
    for before, word in zip(["", *arguments], arguments, strict=False):
        chosen = word if before == "--language" else re.sub("^(--)?language=", "", word)
        asked = before == "--language" or chosen != word
        if asked and chosen in LANGUAGES:
            return cast("Language", chosen)
    return "en"


class Parser(argparse.ArgumentParser):
    """An argument parser that raises ConfigurationError instead of exiting.

    Words may stand before, between and behind options, as in `predict a.png --language pt b.png`.
    """

    _mixes = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse what is known, and return it with what is not; see `argparse.ArgumentParser`."""
        args = _with_option(sys.argv[1:] if args is None else args)
        if self._mixes or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._mixes = True  # older versions of argparse come back here
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixes = False

    def error(self, message: str) -> NoReturn:
        """Raise ConfigurationError."""
        raise ConfigurationError(f"{message}; see `{self.prog} --help`")


def _with_option(arguments: Sequence[str]) -> list[str]:
    """Return arguments with `language=pt`, as runs have it, as an option."""
    prefix = "language="
    split = (
        ["--language", word.removeprefix(prefix)] if word.startswith(prefix) else [word]
        for word in arguments
    )
    return [part for parts in split for part in parts]


def number(text: str) -> float:
    """Parse a number; for `add_argument(type=...)`."""
    try:
        return float(text)
    except ValueError as error:
        point = f", with a point: {text.replace(',', '.')}" if re.search(r"\d,\d", text) else ""
        raise argparse.ArgumentTypeError(f"expected a number{point}; got {text!r}") from error


def positive_int(text: str) -> int:
    """Parse an integer of at least 1; for `add_argument(type=...)`."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def comma_list(text: str) -> list[str]:
    """Parse words separated by commas; for `add_argument(type=...)`."""
    return [word.strip() for word in text.split(",") if word.strip()]


def int_list(text: str) -> list[int]:
    """Parse integers separated by commas; for `add_argument(type=...)`."""
    try:
        return [int(word) for word in comma_list(text)]
    except ValueError as error:
        message = f"expected a list of numbers, such as 3,17; got {text!r}"
        raise argparse.ArgumentTypeError(message) from error
