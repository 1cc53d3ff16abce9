"""What is said of a run that is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.run.run_folder import is_begun

STORED = (
    "interrupted; what was logged until now is stored, the run is marked KILLED; resume=latest "
    "goes on with it, and a sweep does when its command is given again"
)
NOTHING_STORED = "interrupted before anything was stored"


@contextmanager
def saying(message: str) -> Iterator[None]:
    """Give an interruption a message, which the command ends with.

    Raises:
        KeyboardInterrupt: with the message.
    """
    try:
        yield
    except KeyboardInterrupt as interruption:
        raise KeyboardInterrupt(message) from interruption


@contextmanager
def saying_what_is_stored(folder: Path) -> Iterator[None]:
    """Say of an interrupted run in a folder whether anything of it is stored.

    Raises:
        KeyboardInterrupt: with the message.
    """
    try:
        yield
    except KeyboardInterrupt as interruption:
        message = STORED if is_begun(folder) else NOTHING_STORED
        raise KeyboardInterrupt(message) from interruption
