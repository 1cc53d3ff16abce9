"""Data sets of whole arrays in npz or IDX files, which are never unpickled."""

from __future__ import annotations

import gzip
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import psutil
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from runner.base.array_types import Images, Labels
from runner.base.errors import DAMAGE, DataError
from runner.base.option_types import Count, Natural
from runner.datasets import resizing
from runner.datasets.folders import Shape
from runner.datasets.source import ARRAYS, Arrays, Source

Array = NDArray[Any]

_GZIP = b"\x1f\x8b"
_ZIP = b"PK"
_IDX_UINT8 = b"\x00\x00\x08"


def _one_or_four(files: list[str]) -> list[str]:
    if len(files) not in {1, len(ARRAYS)}:
        raise ValueError(
            f"expected one file with {', '.join(ARRAYS)}, or four with one of them each in that "
            f"order, got {len(files)}"
        )
    return files


Layout = Annotated[list[str], AfterValidator(_one_or_four)]
Sides = Annotated[list[Count], Field(min_length=2, max_length=2)]
ArrayName = Literal["x_train", "y_train", "x_test", "y_test"]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Address = Annotated[str, Field(pattern="^https?://")]


def array_files(
    *,
    layouts: Annotated[list[Layout], Field(min_length=1)],
    keys: dict[ArrayName, str] | None = None,
    digests: dict[ArrayName, Sha256] | None = None,
    download: Address | None = None,
    border: Natural = 0,
    resized_to: Sides | None = None,
    fitted_to: Shape | None = None,
    transposed: bool = False,
    origin: str | None = None,
) -> Source:
    """Describe a data set in one npz of four arrays, or in four npz or IDX files of one each.

    Args:
        layouts: names of files, relative to a searched directory. IDX files may be gzipped or not,
            whatever their names say.
        keys: what a single npz calls x_train, y_train, x_test and y_test, where it is otherwise.
        digests: SHA-256 of the decoded arrays.
        download: address of the directory on the web with the files of the first layout.
        border: rows and columns cut off at each side of the images once they are verified.
        resized_to: height and width they are then resampled to; None keeps theirs.
        fitted_to: height, width and channels that they then have: with an empty border around them,
            and gray repeated to RGB; None leaves them as they are.
        transposed: whether rows of the stored images are columns.
        origin: where people get the files, if there is no download.
    """
    named = {str(key): name for key, name in (keys or {}).items()}
    names = [named.get(key, key) for key in ARRAYS]

    def read(paths: list[Path], trust: bool) -> Arrays:
        del trust  # nothing is cached of arrays
        x_train, y_train, x_test, y_test = read_arrays(paths, names)
        return Arrays(
            as_images(x_train),
            as_labels(y_train),
            as_images(x_test),
            as_labels(y_test),
        )

    def changed(images: Images) -> Images:
        images = np.ascontiguousarray(images.swapaxes(1, 2)) if transposed else images
        images = resizing.crop_border(images, border)
        images = resizing.resize_images(images, resized_to) if resized_to else images
        return fit_images(images, fitted_to) if fitted_to else images

    def prepare(arrays: Arrays) -> Arrays:
        return replace(arrays, x_train=changed(arrays.x_train), x_test=changed(arrays.x_test))

    return Source(
        layouts,
        read,
        dict(digests.items()) if digests else None,
        download,
        origin,
        prepare=prepare if border or resized_to or fitted_to or transposed else None,
        test_split={},
    )


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
    except DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path} cannot be decoded, replace it: {reason}") from error


def _npz(path: Path, names: Sequence[str] | None) -> list[Array]:
    with np.load(path, allow_pickle=False) as archive:
        wanted = names or archive.files
        missing = set(wanted) - set(archive.files)
        if missing or (names is None and len(wanted) != 1):
            expected = ", ".join(names or ["one array"])
            raise ValueError(f"expected {expected}, got {', '.join(archive.files) or 'no array'}")
        for name in wanted:
            member = name if name in archive.zip.namelist() else f"{name}.npy"
            _check_memory(archive.zip.getinfo(member).file_size)
        arrays = [archive[name] for name in wanted]
    if not all(isinstance(array, np.ndarray) for array in arrays):  # NumPy returns other members
        raise ValueError(f"expected arrays, got other members as {', '.join(wanted)}")
    return arrays


def _idx(path: Path, gzipped: bool) -> Array:
    """Decode an IDX file: 0 0 8, number of dimensions, dimensions (uint32, big-endian), bytes."""
    with gzip.open(path) if gzipped else path.open("rb") as file:
        start = file.read(4)
        expected = 4 * start[3] if start[:3] == _IDX_UINT8 and start[3:] else -1
        dimensions = file.read(max(0, expected))
        if len(dimensions) != expected:
            raise ValueError(f"expected npz or IDX of bytes, got a file that begins {start!r}")
        shape = [int(size) for size in np.frombuffer(dimensions, ">u4")]
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
