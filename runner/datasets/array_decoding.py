"""The decoding of npz and IDX files, which are never unpickled."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from runner.base.errors import DAMAGE, DataError

Array = NDArray[Any]
Shape = tuple[int, ...]

_GZIP = b"\x1f\x8b"
_ZIP = b"PK"
_IDX_UINT8 = b"\x00\x00\x08"
LABELS_ARE_NUMBERS = "labels are whole numbers from 0, their names belong into dataset.class_names"
"""What to do where a data set has texts as labels."""
_TEXTS = "USO"  # kinds of types of NumPy: bytes, texts, and what pandas makes of texts
_LARGEST = 8  # bytes of a number; a text may have any number of them
_NPY_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class NamedArray:
    """An array and what to call it in an error."""

    values: Array
    origin: str


def read_arrays(paths: Sequence[Path], names: Sequence[str]) -> list[NamedArray]:
    """Decode one npz that holds all the named arrays, or one npz or IDX file for each name.

    Raises:
        DataError: a file is damaged, has no such array, or would have to be unpickled.
    """
    if len(paths) == 1:
        values = _decode(paths[0], names)
        return [NamedArray(v, f"{paths[0]}: {n}") for v, n in zip(values, names, strict=True)]
    return [NamedArray(_decode(path, None)[0], str(path)) for path in paths]


def read_shapes(paths: Sequence[Path], names: Sequence[str]) -> list[Shape]:
    """Return the shapes that files declare, which `read_arrays` would decode no more than.

    Raises:
        DataError: a file is damaged, or has no such array.
    """
    if len(paths) == 1:
        return _declared(paths[0], names)
    return [_declared(path, None)[0] for path in paths]


def _decode(path: Path, names: Sequence[str] | None) -> list[Array]:
    with _decoding(path):
        return _npz(path, names) if _starts(path, _ZIP) else [_idx(path)]


def _declared(path: Path, names: Sequence[str] | None) -> list[Shape]:
    with _decoding(path):
        if not _starts(path, _ZIP):
            with _idx_file(path) as (_, shape):
                return [shape]
        with np.load(path, allow_pickle=False) as archive:
            return [_npy_shape(archive, member) for member in _members(archive, names)]


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} cannot be decoded, replace it: {reason}") from error


def _starts(path: Path, signature: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(signature)) == signature


def _members(archive: Any, names: Sequence[str] | None) -> list[str]:
    """Return the members of an npz with the named arrays, or with the only one that it has."""
    wanted = names or archive.files
    missing = set(wanted) - set(archive.files)
    if missing or (names is None and len(wanted) != 1):
        expected = ", ".join(names or ["one array"])
        raise ValueError(f"expected {expected}, got {', '.join(archive.files) or 'no array'}")
    return [name if name in archive.zip.namelist() else f"{name}.npy" for name in wanted]


def _npy_shape(archive: Any, member: str) -> Shape:
    """Return the shape in the header of a member."""
    with archive.zip.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version not in _NPY_HEADERS:
            raise ValueError(f"expected npy of version 1 or 2, got {version} as {member}")
        shape, _, dtype = _NPY_HEADERS[version](file)
    if dtype.kind in _TEXTS:  # the file is whole: nothing to replace
        raise DataError(
            f"{archive.zip.filename}: expected numbers, got {dtype} as {member}; "
            f"{LABELS_ARE_NUMBERS}"
        )
    if dtype.itemsize > _LARGEST:
        raise ValueError(f"expected numbers, got {dtype} as {member}")
    return tuple(shape)


def _npz(path: Path, names: Sequence[str] | None) -> list[Array]:
    with np.load(path, allow_pickle=False) as archive:
        members = _members(archive, names)
        for member in members:
            _check_memory(archive.zip.getinfo(member).file_size)
        arrays = [archive[member] for member in members]
    if not all(isinstance(array, np.ndarray) for array in arrays):  # NumPy returns other members
        raise ValueError(f"expected arrays, got other members as {', '.join(members)}")
    return arrays


@contextmanager
def _idx_file(path: Path) -> Iterator[tuple[BufferedIOBase, Shape]]:
    """Open an IDX file: 0 0 8, number of dimensions, dimensions (uint32, big-endian), bytes."""
    with gzip.open(path) if _starts(path, _GZIP) else path.open("rb") as file:
        start = file.read(4)
        expected = 4 * start[3] if start[:3] == _IDX_UINT8 and start[3:] else -1
        dimensions = file.read(max(0, expected))
        if len(dimensions) != expected:
            raise ValueError(f"expected npz or IDX of bytes, got a file that begins {start!r}")
        yield file, tuple(int(size) for size in np.frombuffer(dimensions, ">u4"))


def _idx(path: Path) -> Array:
    with _idx_file(path) as (file, shape):
        size = math.prod(shape)
        _check_memory(size)
        content = file.read(size + 1)  # and no more, whatever the file can be decompressed to
    if len(content) != size:
        declared = " x ".join(map(str, shape))
        found = len(content) if len(content) < size else "more"
        raise ValueError(f"its header declares {declared} bytes, but {found} follow")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _check_memory(size: int) -> None:
    """Refuse an array of so many bytes before it is decompressed, where it has no room."""
    free = psutil.virtual_memory().available
    if size > free:
        raise ValueError(f"it declares {size / 1e9:.1f} GB, but {free / 1e9:.1f} GB are free")
