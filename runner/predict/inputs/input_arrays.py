"""Arrays of images or features in npz and npy files, never unpickled."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from runner.base.array_types import finite_numbers
from runner.base.errors import DAMAGE, DataError
from runner.predict.inputs.picture_fitting import Frame, invert
from runner.predict.inputs.sample import Sample, shape_text

SUFFIXES = (".npz", ".npy")
LARGEST = 4_000_000_000
"""Bytes of an array; a few kilobytes of npz can hold more than memory does."""

_WHITE = 255
_KINDS = "buif"
Array = NDArray[Any]


def read_array(path: Path, key: str | None, truth: str | None, frame: Frame) -> Iterator[Sample]:
    """Yield the images, or rows of a table, of an array; values 0 .. 1 of images become 0 .. 255.

    Args:
        path: of an npz or npy file.
        key: name of the array in an npz; None takes the one that fits.
        truth: name of the array of labels, or None.
        frame: what the network takes; arrays are inverted where that is needed, never resized.

    Raises:
        DataError: the file is damaged, holds no array of the shape, nothing, or values out of
            range.
    """
    try:
        values, labels, name = _load(path, key, truth, frame.shape)
        values = _one_each(values, frame.shape)
        is_table = len(frame.shape) == 1
        values, preparation = (finite_numbers(values), "") if is_table else _as_pixels(values)
    except DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: {reason}") from error
    if labels is not None and labels.shape != (len(values),):
        raise DataError(f"{path}: {len(values)} rows in {name}, but labels of {labels.shape}")
    inverted = np.zeros(len(values), bool)
    if not is_table:
        values, inverted = invert(values, frame)
    for number, row in enumerate(values):
        prepared = f"inverted, {preparation}" if inverted[number] else preparation
        true = None if labels is None else str(labels[number])
        yield Sample(f"{path}[{number}]", row, prepared, true)


def _load(
    path: Path, key: str | None, truth: str | None, shape: tuple[int, ...]
) -> tuple[Array, Array | None, str]:
    """Return the array, the labels, and the array's name; no others are read."""
    if path.suffix.lower() == ".npy":
        if key or truth:
            raise ValueError(f"an npy file has no arrays by name, such as {key or truth}")
        with path.open("rb") as file:
            _header(file, path.name)
        return np.load(path, allow_pickle=False), None, path.name
    with np.load(path, allow_pickle=False) as archive:
        shapes = {}
        for name in archive.files:
            with archive.zip.open(f"{name}.npy") as file:
                shapes[name] = _header(file, name)
        chosen = key or _fitting(shapes, shape)
        for name in filter(None, (chosen, truth)):
            if name not in shapes:
                raise ValueError(f"there is no array {name}, only {', '.join(shapes)}")
        return archive[chosen], archive[truth] if truth else None, chosen


def _header(file: IO[bytes], name: str) -> tuple[int, ...]:
    version = npy.read_magic(file)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read_header(file)
    if math.prod(shape) * dtype.itemsize > LARGEST:
        raise ValueError(f"{name} declares more than {LARGEST:,} bytes")
    return tuple(shape)


def _fitting(shapes: dict[str, tuple[int, ...]], wanted: tuple[int, ...]) -> str:
    fits = [name for name, shape in shapes.items() if _stack(shape, wanted)]
    if len(shapes) == 1 or len(fits) == 1:
        return (fits or list(shapes))[0]
    listed = ", ".join(f"{name} {shape_text(shape)}" for name, shape in shapes.items())
    raise ValueError(f"holds {listed or 'no array'}; choose one with --key")


def _one_each(values: Array, wanted: tuple[int, ...]) -> Array:
    """Return [n, *wanted].

    Raises:
        ValueError: the array has another shape, or is empty.
    """
    kind = "images" if len(wanted) > 1 else "rows of features"
    if values.dtype.kind not in _KINDS:
        raise ValueError(f"expected numbers, got {values.dtype}")
    if values.shape in (wanted, wanted[:2]) and not _stack(values.shape, wanted):
        values = values[np.newaxis]
    if not _stack(values.shape, wanted):
        raise ValueError(
            f"an array of {shape_text(values.shape)}, but the network takes {kind} of "
            f"{shape_text(wanted)}: expected n x {shape_text(wanted)}"
        )
    if not values.size:
        raise ValueError(f"holds no {kind}")
    return values.reshape(-1, *wanted)


def _stack(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Tell whether a shape is that of several of what is wanted; gray may lack its channel."""
    return shape[1:] == wanted or (len(wanted) > 1 and (*shape[1:], 1) == wanted)


def _as_pixels(values: Array) -> tuple[Array, str]:
    """Return values 0 .. 255, and how they were made so; of masks of 0 and 1 the 1 is white.

    Raises:
        ValueError: they are neither 0 .. 1 nor 0 .. 255.
    """
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= _WHITE):
        raise ValueError(f"expected values 0..1 or 0..255, got {low:g}..{high:g}")
    if high <= 1:
        return values.astype(np.float32) * _WHITE, "0..1 -> 0..255"
    return values if values.dtype == np.uint8 else values.astype(np.float32), "as it is"
