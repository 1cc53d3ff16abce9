"""The lock of a folder that one process alone may write to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from runner.base.errors import ConfigurationError


@contextmanager
def locked(folder: Path, advice: str) -> Iterator[None]:
    """Lock a folder, which is made; the lock ends with the process, however that ends.

    Args:
        folder: to be written to.
        advice: what to do where another process holds the lock, for the message.

    Raises:
        ConfigurationError: another process is writing there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ConfigurationError(f"{folder}: {advice}") from error
    try:
        yield
    finally:
        lock.release()
