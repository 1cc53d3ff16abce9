"""Zip archives of pictures, of which nothing is unpacked but the pictures that are asked for.

A member's own folder never becomes part of a path that is written; an archive in which one leaves
its folder, or that would unpack to far more than pictures take, is refused as a whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from runner.base.errors import DAMAGE, ConfigurationError, DataError

LARGEST_PICTURE = 50_000_000
"""Bytes; what is larger is no photograph."""
LARGEST_ARCHIVE = 20_000_000_000
"""Bytes of all pictures together, once they are unpacked."""

_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True)
class Unpacked:
    """A member of an archive, and the path it is to be unpacked to, below a folder."""

    member: ZipInfo
    path: PurePosixPath


@contextmanager
def opened_archive(path: Path) -> Iterator[ZipFile]:
    """Open an archive whose members stay in their folders.

    Raises:
        DataError: it is missing or damaged, or not to be trusted.
    """
    try:
        with ZipFile(path) as archive:
            check_names(archive)
            yield archive
    except DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} cannot be read as a zip archive: {reason}") from error


def check_names(archive: ZipFile) -> None:
    """Raise ValueError where the path of a member leaves the folder it is unpacked in."""
    for name in archive.namelist():
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
            raise ValueError(f"it holds {name!r}, a path that leaves its folder")


def unpack(archive: ZipFile, chosen: Iterable[Unpacked], folder: Path) -> None:
    """Unpack pictures into a new folder, all of them or none.

    Raises:
        ConfigurationError: the folder is there already.
        ValueError: a member is no PNG or JPEG file, or the pictures are too large.
    """
    if folder.exists():
        raise ConfigurationError(f"{folder}: is there already; remove it, or choose another folder")
    chosen = list(chosen)
    total = sum(one.member.file_size for one in chosen)
    if total > LARGEST_ARCHIVE:
        raise ValueError(f"its pictures would take {total:,} bytes, expected at most 20 GB")
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        for one in chosen:
            target = part / one.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_picture(archive, one.member))
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _picture(archive: ZipFile, member: ZipInfo) -> bytes:
    """Return a member; zipfile reads no more of it than its header declares, and checks its sum."""
    if member.file_size > LARGEST_PICTURE:
        raise ValueError(
            f"{member.filename} would take {member.file_size:,} bytes, expected a picture of at "
            f"most {LARGEST_PICTURE:,}"
        )
    content = archive.read(member)
    if not content.startswith(_STARTS):
        raise ValueError(f"{member.filename} is no PNG or JPEG file")
    return content
