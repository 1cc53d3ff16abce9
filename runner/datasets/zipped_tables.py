"""Matrices of numbers as text in a zip archive, read without unpacking it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels, RegressionValues
from runner.base.errors import DataError

LARGEST = 200_000_000
"""Bytes of a member; a few kilobytes of zip can hold more than memory does."""

_DAMAGE = (OSError, EOFError, ValueError, KeyError, RuntimeError, NotImplementedError, BadZipFile)


@dataclass(frozen=True)
class Matrix:
    """Numbers, float64 [rows, columns], and what to call them in an error."""

    values: NDArray[np.float64]
    origin: str

    def features(self) -> Images:
        """Return float32 [rows, columns]."""
        return self.values.astype(np.float32)

    def numbers(self) -> RegressionValues:
        """Return float32 [rows, columns]."""
        return self.values.astype(np.float32)

    def labels(self) -> Labels:
        """Return int64 [rows]."""
        whole = self.values.astype(np.int64)
        if self.values.shape[1] != 1 or (whole != self.values).any():
            raise DataError(f"{self.origin}: expected one column of whole numbers, the labels")
        return whole[:, 0]


def read_matrices(archive: Path, members: Sequence[str]) -> list[Matrix]:
    """Read members of an archive, each beginning with a line "rows columns".

    Raises:
        DataError: the archive or a member is damaged, missing, or not to be trusted.
    """
    try:
        with ZipFile(archive) as opened:
            _check_names(opened)
            return [Matrix(_read(opened, name), f"{archive}: {name}") for name in members]
    except (*_DAMAGE, zlib.error) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{archive} cannot be read, replace it: {reason}") from error


def _check_names(archive: ZipFile) -> None:
    for name in archive.namelist():
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
            raise ValueError(f"it holds {name!r}, a path that leaves its folder")


def _read(archive: ZipFile, name: str) -> NDArray[np.float64]:
    with archive.open(name) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"{name} is larger than {LARGEST:,} bytes")
    first, _, rest = content.decode("ascii").partition("\n")
    try:
        rows, columns = map(int, first.split())
    except ValueError as error:
        raise ValueError(f'{name}: expected "rows columns", got {first[:40]!r}') from error
    values = np.array(rest.split(), np.float64)
    if rows < 1 or columns < 1 or values.size != rows * columns:
        raise ValueError(
            f"{name}: its first line declares {rows} x {columns} numbers, but {values.size} follow"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: not all of its numbers are finite")
    return values.reshape(rows, columns)
