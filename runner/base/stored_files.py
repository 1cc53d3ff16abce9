"""Reading of files that a run has stored, with errors that name the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]

from runner.base.atomic_files import write_text
from runner.base.errors import DAMAGE, DataError

DIGESTS = "digests.json"
CHECKPOINT = "checkpoint.npz"
"""Of an interrupted training; no part of what a run leaves."""

_NOTED = (".keras", ".npz", ".json", ".yaml")
_LONGEST = 200
_WRONG_CONTENT = (TypeError, AttributeError, YAMLError, OmegaConfBaseException)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name a stored file in the error where it cannot be read.

    Raises:
        DataError: the file is damaged, or another one than the run has stored.
    """
    check_digest(path)
    try:
        yield
    except (*DAMAGE, *_WRONG_CONTENT) as error:
        reason = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
        raise DataError(
            f"{path}: is damaged, restore it or repeat the run that wrote it: {reason}"
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a stored JSON file.

    Raises:
        DataError: the file is damaged.
    """
    with reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"expected an object, got {type(content).__name__}")
    return content


def write_digests(folder: Path) -> None:
    """Note the SHA-256 of each stored file in a folder."""
    paths = sorted(
        path for path in folder.iterdir() if path.suffix in _NOTED and path.name[0] != "."
    )
    digests = {p.name: _sha256(p) for p in paths if p.name not in (DIGESTS, CHECKPOINT)}
    write_text(folder / DIGESTS, json.dumps(digests, indent=2) + "\n")


def check_digest(path: Path) -> bool:
    """Compare a file with the SHA-256 that its run has noted.

    Returns:
        whether there is a note; without one nothing is known of the file.

    Raises:
        DataError: it is another file, or the notes are damaged.
    """
    notes = path.parent / DIGESTS
    if path.name == DIGESTS or not notes.is_file() or not path.is_file():
        return False
    noted = read_json(notes).get(path.name)
    if noted is not None and noted != _sha256(path):
        raise DataError(
            f"{path}: is not the file that its run has stored ({DIGESTS} beside it has another "
            f"SHA-256): restore it, or, where the change is yours, remove its line in {DIGESTS}"
        )
    return noted is not None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
