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
def saying_what_is_stored(folder: Path | None = None) -> Iterator[None]:
    """Give an interruption the message that the command ends with.

    Args:
        folder: of a run, which may not have begun; None is a sweep that has.

    Raises:
        KeyboardInterrupt: with the message.
    """
    try:
        yield
    except KeyboardInterrupt as interruption:
        begun = folder is None or is_begun(folder)
        raise KeyboardInterrupt(STORED if begun else NOTHING_STORED) from interruption
