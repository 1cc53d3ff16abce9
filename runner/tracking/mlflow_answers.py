"""Errors of MLflow in one line, and no waiting for one that does not answer."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from filelock import FileLock, Timeout

from runner.base.errors import RefusedError, RunnerError, StoreError
from runner.base.program_files import command_name

PATIENCE = 5
"""Seconds that a locked database, or the first answer of a server, is waited for.

MLflow alone would wait 20 for a database.
"""

_SQLITE, _SERVERS = "sqlite:///", ("http://", "https://")
_REFUSED = {"INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "RESOURCE_ALREADY_EXISTS"}
_LONGEST = 200
_NO_DATABASE = ("not a database", "malformed")
_LOGGERS = {"mlflow": logging.WARNING, "alembic": logging.WARNING, "urllib3": logging.ERROR}
_LOGGERS |= {"mlflow.store.db.utils": logging.CRITICAL}  # its tracebacks are one line here


def be_quiet() -> None:
    """Keep libraries from saying on the terminal what errors say in one line."""
    for library, level in _LOGGERS.items():
        logging.getLogger(library).setLevel(level)


@contextmanager
def answering(address: str) -> Iterator[None]:
    """Turn whatever MLflow raises into one line.

    Args:
        address: of the store.

    Raises:
        StoreError: it does not answer, or not as it should.
        RefusedError: it answers, and refuses what it was sent.
    """
    try:
        _check_unlocked(address)
        if address not in _answered:
            _check_answers(address)
            _answered.add(address)
        yield
    except RunnerError:
        raise
    except Exception as error:
        if getattr(error, "error_code", None) in _REFUSED:
            raise RefusedError(f"MLflow: {_line(error)}") from error
        reason = _line(_innermost(error))
        raise StoreError(f"MLflow at {shown(address)}: {reason}{_advice(reason)}") from error


_answered: set[str] = set()
"""Addresses that answered this process once; they are waited for longer, as MLflow does."""


@contextmanager
def setting_up(address: str, outputs: Path) -> Iterator[None]:
    """Lock a database while it is set up: several processes would break each other's migration.

    A server sees to that itself; so no lock is held while one is waited for that does not answer.
    """
    if address.startswith(_SERVERS):
        yield
        return
    outputs.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(outputs / ".mlflow.lock", timeout=4 * PATIENCE):
            yield
    except Timeout as error:
        raise StoreError(f"MLflow at {shown(address)}: another process is setting it up") from error


def shown(address: str) -> str:
    """Return an address without the password that it may hold."""
    if address.startswith(_SQLITE):
        return address.removeprefix(_SQLITE)
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _check_unlocked(address: str) -> None:
    """Raise sqlite3.OperationalError soon if another program keeps a database locked."""
    path = Path(address.removeprefix(_SQLITE).partition("?")[0])
    if not address.startswith(_SQLITE) or not path.is_file():
        return
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")


def _check_answers(address: str) -> None:
    """Raise TimeoutError soon if a server says nothing; what else is wrong MLflow finds out."""
    if not address.startswith(_SERVERS):
        return
    parts = urlsplit(address)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    try:
        urlopen(f"{bare}/health", timeout=PATIENCE).close()  # noqa: S310 - http alone
    except URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise error.reason from None


def _innermost(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _line(error: BaseException) -> str:
    line = " ".join(str(error).split()) or type(error).__name__
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."


def _advice(reason: str) -> str:
    if any(words in reason for words in _NO_DATABASE):
        return (
            f"; restore the file, or move it away: `{command_name()} track --all outputs` writes a "
            "new one from the folders of the runs"
        )
    if "disk is full" in reason:
        return "; free some space"
    if "locked" in reason:
        return "; end the program that keeps it locked"
    return ""
