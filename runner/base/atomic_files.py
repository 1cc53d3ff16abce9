"""Files that appear whole or not at all, whenever the process or the machine stops."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_PART = ".part"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, which gets the name `path` where no error comes.

    It lies in the same folder and ends in the same suffix, by which libraries choose a format. What
    is no regular file, such as /dev/stdout, is yielded itself.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}{_PART}{path.suffix}")
    try:
        yield part
        publish(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """Yield an empty folder, whose files get their places in `folder` where no error comes.

    Each appears as a whole: another process may read there what it has just filled in likewise.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".", suffix=_PART, dir=folder.parent) as part:
        yield Path(part)
        for path in [path for path in Path(part).rglob("*") if path.is_file()]:
            whole = folder / path.relative_to(part)
            whole.parent.mkdir(parents=True, exist_ok=True)
            path.replace(whole)


def publish(part: Path, path: Path) -> None:
    """Flush a written file to the disk, and only then give it its name."""
    with part.open("r+b") as file:  # Windows flushes no file that is open for reading alone
        os.fsync(file.fileno())
    part.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def remove_parts(folder: Path) -> None:
    """Remove what writers that were killed left in a folder and below; nobody may be writing."""
    for part in folder.rglob(f".*{_PART}*"):
        part.unlink(missing_ok=True)
