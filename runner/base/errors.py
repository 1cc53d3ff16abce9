"""Exceptions whose message is shown to the user on one line."""

from __future__ import annotations

import errno
import sysconfig
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tokenize import TokenError
from traceback import walk_tb
from typing import Any
from zipfile import BadZipFile

from runner.base.error_texts import error_line
from runner.base.language import error_language

_FULL = {errno.ENOSPC, errno.EDQUOT}
_SAYS_FULL = ("No space left", "disk is full")

_INSTALLED = ("site-packages", "dist-packages")
_FOREIGN = (Path(__file__).resolve().parents[1], Path(sysconfig.get_path("stdlib")).resolve())
_COMPILED = "__autograph_generated_file"
"""Beginning of the names of files that TensorFlow makes of functions."""

DAMAGE = (
    *(OSError, EOFError, ValueError, LookupError, ArithmeticError, RuntimeError, MemoryError),
    *(BadZipFile, zlib.error, SyntaxError, TokenError, SystemError),
)
"""What readers of damaged archives, arrays and HDF5 raise; the last three NumPy, of a header and
of texts."""


class RunnerError(Exception):
    """Base of all: the message says what was expected, what came instead, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: one line, as on the command line; IPython asks for it."""
        return [": ".join(error_line(one_line(self), error_language(self)))]


class ConfigurationError(RunnerError):
    """The command line or the configuration is wrong."""


class SeedError(ConfigurationError):
    """A run has no network of the requested seed.

    Attributes:
        seeds: of its networks; empty where it has a single network.
    """

    def __init__(self, message: str, seeds: list[int]) -> None:
        super().__init__(message)
        self.seeds = seeds


class DataError(RunnerError):
    """A data set is missing, damaged, or not what its configuration describes."""


class TrainingError(RunnerError):
    """Training cannot go on, for example after a loss of NaN."""


class FigureError(RunnerError):
    """Figures of a run failed; all else of it is finished.

    Attributes:
        summary: of the run; see `runner.run.result.summarize`.
    """

    def __init__(self, failed: Mapping[str, Exception], summary: dict[str, Any]) -> None:
        super().__init__("; ".join(f"figure {name}: {one_line(e)}" for name, e in failed.items()))
        self.summary = summary


class PrunedError(RunnerError):
    """A search pruned a trial that is worse than the others."""


class SweepError(RunnerError):
    """Jobs of a sweep failed, or their figures."""


class DiskError(RunnerError):
    """A disk is full, or may not be written."""


class StoreError(RunnerError):
    """A store of runs does not answer."""


class RefusedError(RunnerError):
    """A store of runs answers, and refuses what it was sent, now and later."""


def one_line(error: BaseException) -> str:
    """Format an error on one line, with its type unless it is a RunnerError.

    One raised in code of the user's own has its file and line too.
    """
    line = " ".join(str(error).split())
    if isinstance(error, RunnerError):
        return line
    if full := full_disk(error):
        return f"{full}; free some and repeat the command"
    return f"{type(error).__name__}: {line}{_own_line(error)}"


def _own_line(error: BaseException) -> str:
    """Return " (FILE, line N)", of the innermost call in code of the user's own; else nothing."""
    calls = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
    for path, line in reversed(calls):
        if _is_own(path):
            here = path.is_relative_to(Path.cwd())
            return f" ({path.relative_to(Path.cwd()) if here else path}, line {line})"
    return ""


def _is_own(path: Path) -> bool:
    """Tell whether a file is neither of the program, of a library, nor of Python."""
    if path.name.startswith(_COMPILED) or set(_INSTALLED) & set(path.parts):
        return False
    return path.is_file() and not any(map(path.resolve().is_relative_to, _FOREIGN))


def full_disk(error: BaseException) -> str:
    """Return what is to be said where an error comes from a full disk; otherwise nothing."""
    if not any(_is_full(one) for one in _chain(error)):
        return ""
    names = (getattr(one, "filename", None) for one in _chain(error))
    return f"no space left on the disk{next((f' for {name}' for name in names if name), '')}"


def _is_full(error: BaseException) -> bool:
    says = any(words in str(error) for words in _SAYS_FULL)
    return says or (isinstance(error, OSError) and error.errno in _FULL)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
