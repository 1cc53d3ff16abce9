"""Data sets of whole arrays in npz or IDX files, which are never unpickled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from runner.base.array_types import Images, Labels
from runner.base.errors import DataError
from runner.base.option_types import Count, Natural
from runner.datasets import resizing
from runner.datasets.array_decoding import NamedArray, read_arrays, read_shapes
from runner.datasets.folders import Shape
from runner.datasets.source import ARRAYS, Arrays, Source


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

    def shapes(paths: list[Path]) -> dict[str, tuple[int, ...]]:
        found = dict(zip(ARRAYS, read_shapes(paths, names), strict=True))
        of_images = {name: prepared(found[name]) for name in ("x_train", "x_test")}
        return found | of_images

    def prepared(shape: tuple[int, ...]) -> tuple[int, ...]:
        if len(shape) not in {3, 4}:
            return shape  # `as_images` refuses it
        count, height, width, channels = (*shape, 1)[:4]
        sides = tuple(resized_to or (height - 2 * border, width - 2 * border))
        fits = fitted_to and sides[0] <= fitted_to[0] and sides[1] <= fitted_to[1]
        return (count, *(fitted_to if fitted_to and fits else (*sides, channels)))

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
        shapes=shapes,
    )


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
