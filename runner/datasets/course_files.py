"""Files that the handouts offer for download and that are no data sets: a network and pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from runner.base.errors import DataError
from runner.datasets import file_search
from runner.datasets.download import fetch_file
from runner.datasets.picture_archive import Unpacked, opened_archive, unpack

ADDRESS = "http://www.lps.usp.br/hae/apostila/"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_PICTURE = re.compile(r".+\.(png|jpe?g)", re.IGNORECASE)


@dataclass(frozen=True)
class CourseFile:
    """A file of the course.

    Attributes:
        name: at the address.
        content: what it is, for people.
        use: command for it, where {path} is its path.
        prepare: checks a downloaded file, unpacks what is in it, and returns what `use` names.
    """

    name: str
    content: str
    use: str
    prepare: Callable[[Path], Path]


def obtain_course_file(file: CourseFile) -> Iterator[str]:
    """Download a file unless it is here, and yield lines that say where it is and what to do.

    Raises:
        DataError: it cannot be had, or is something else.
    """
    path = file_search.downloads() / "course" / file.name
    fetch_file(f"{ADDRESS}{file.name}", path)
    prepared = file.prepare(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    yield f"{file.name}: {file.content}, in {prepared}"
    yield f"  SHA-256 {digest}; the course gives none to compare it with"
    yield f"  {file.use.format(path=prepared)}"


def _network(path: Path) -> Path:
    """Check that a file is HDF5; the network in it is loaded without running code, later."""
    with path.open("rb") as file:
        if file.read(len(_HDF5)) != _HDF5:
            path.unlink()
            raise DataError(f"{path.name}: expected a network in HDF5, got something else")
    return path


def _pictures(path: Path) -> Path:
    """Unpack the pictures of an archive into a folder beside it."""
    folder = path.with_suffix("")
    if not folder.exists():
        with opened_archive(path) as archive:
            unpack(archive, _pictures_in(archive), folder)
    return folder


def _pictures_in(archive: ZipFile) -> Iterator[Unpacked]:
    for member in archive.infolist():
        name = PurePosixPath(member.filename).name
        if _PICTURE.fullmatch(name):
            yield Unpacked(member, PurePosixPath(name))


COURSE_FILES = {
    file.name: file
    for file in (
        CourseFile(
            "cnn1.h5",
            "the course's own network",
            "python -m runner.inspect {path} first-filters --dataset mnist --scale inverted_unit",
            _network,
        ),
        CourseFile(
            "convkeras.zip",
            "two drawings of a 1 and two of a 3",
            "python -m runner.predict latest {path}",
            _pictures,
        ),
    )
}
