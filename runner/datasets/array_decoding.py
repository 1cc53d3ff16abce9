"""Arrays from npz and IDX files, never unpickled, with every damage named by its file."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.errors import DataError

Array = NDArray[Any]

_GZIP = b"\x1f\x8b"
_ZIP = b"PK"
_IDX_UINT8 = b"\x00\x00\x08"
_DAMAGE = (OSError, EOFError, ValueError, RuntimeError, MemoryError, BadZipFile, zlib.error)


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


def as_images(array: NamedArray) -> Images:
    """Return [n, height, width, channels]; gray images get their one channel."""
    values = array.values
    if values.dtype != np.uint8 or values.ndim not in {3, 4}:
        raise DataError(
            f"{array.origin}: expected images, uint8 of 3 or 4 dimensions, got {values.dtype} "
            f"of shape {values.shape}"
        )
    gray = values.ndim == 3  # noqa: PLR2004
    return np.ascontiguousarray(values[..., np.newaxis] if gray else values)


def as_labels(array: NamedArray) -> Labels:
    """Return [n], int64, also of labels stored as [n, 1]."""
    values = array.values[:, 0] if array.values.shape[1:] == (1,) else array.values
    if not np.issubdtype(values.dtype, np.integer) or values.ndim != 1:
        raise DataError(
            f"{array.origin}: expected labels, integers [n] or [n, 1], got {values.dtype} "
            f"of shape {values.shape}"
        )
    return values.astype(np.int64)


def fit_images(images: Images, shape: Sequence[int]) -> Images:
    """Put images into the middle of larger black ones, and repeat gray to RGB.

    Raises:
        DataError: they are larger than `shape`, or have other channels.
    """
    height, width, channels = images.shape[1:]
    down, across = shape[0] - height, shape[1] - width
    if min(down, across) < 0 or channels not in {1, shape[2]}:
        raise DataError(
            f"images of {height} x {width} x {channels} do not fit into {shape[0]} x {shape[1]} x "
            f"{shape[2]}; correct dataset.shape"
        )
    border = [(0, 0), (down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0)]
    return np.repeat(np.pad(images, border), shape[2] // channels, axis=-1)


def _decode(path: Path, names: Sequence[str] | None) -> list[Array]:
    try:
        with path.open("rb") as file:
            start = file.read(len(_ZIP))
        return _npz(path, names) if start == _ZIP else [_idx(path, start == _GZIP)]
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} cannot be decoded, replace it: {reason}") from error


def _npz(path: Path, names: Sequence[str] | None) -> list[Array]:
    with np.load(path, allow_pickle=False) as archive:
        wanted = names or archive.files
        missing = set(wanted) - set(archive.files)
        if missing or (names is None and len(wanted) != 1):
            expected = ", ".join(names or ["one array"])
            raise ValueError(f"expected {expected}, got {', '.join(archive.files) or 'no array'}")
        return [archive[name] for name in wanted]


def _idx(path: Path, gzipped: bool) -> Array:
    """Decode an IDX file: 0 0 8, number of dimensions, dimensions (uint32, big-endian), bytes."""
    content = path.read_bytes()
    content = gzip.decompress(content) if gzipped else content
    if content[:3] != _IDX_UINT8 or len(content) < 4 or len(content) < 4 + 4 * content[3]:  # noqa: PLR2004
        raise ValueError(f"expected npz or IDX of bytes, got a file that begins {content[:4]!r}")
    header = 4 + 4 * content[3]
    shape = [int(size) for size in np.frombuffer(content[4:header], ">u4")]
    size = len(content) - header
    if size != math.prod(shape):
        declared = " x ".join(map(str, shape))
        raise ValueError(f"its header declares {declared} bytes, but {size} follow")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
