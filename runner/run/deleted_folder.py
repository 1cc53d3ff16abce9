"""What is said of a run whose folder is deleted, or moved away, while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner.base.console import note
from runner.base.errors import DataError
from runner.run.run_folder import is_begun

_LOST = "while the run went on"


@contextmanager
def saying_what_is_gone(folder: Path) -> Iterator[None]:
    """Say of a run that misses its own files that somebody has deleted them.

    Args:
        folder: of the run.

    Raises:
        DataError: a file or folder there is missing, which the run reads or writes.
    """
    try:
        yield
    except Exception as error:
        if not any(_is_missing(one, folder) for one in (error, error.__cause__)):
            raise
        raise DataError(
            f"{folder}: was deleted or moved, or files in it, {_LOST}, which cannot finish without "
            "them; repeat the command, and leave the folder alone until it has ended"
        ) from error


def note_if_gone(folder: Path) -> None:
    """Note that the folder of a finished run lacks what the run wrote there at its beginning."""
    if not is_begun(folder):
        note(f"note: {folder}: was deleted or moved {_LOST}; what it wrote before is not there")


def _is_missing(error: BaseException | None, folder: Path) -> bool:
    """Tell whether an error is that of a missing file in a folder, or below."""
    if not isinstance(error, FileNotFoundError) or error.filename is None:
        return False
    return Path(str(error.filename)).resolve().is_relative_to(folder.resolve())
