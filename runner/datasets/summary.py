"""A data set in numbers, for people who look at it before they train on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, items_of
from runner.base.option_types import Items
from runner.datasets.splits import Dataset

Row = list[str]
_AT_ONCE, _FEW = 10_000, 20


def summary_lines(data: Dataset) -> Iterator[tuple[str, str]]:
    """Yield name and value of what can be said of a data set in one line each."""
    kind = items_of(data.train.images)
    validation = f"{len(data.validation):,} for validation, " if data.validation else ""
    yield kind, f"{len(data.train):,} for training, {validation}{len(data.test):,} for the test"
    yield "task", data.task.size
    if kind == "images":
        sides = " x ".join(map(str, data.train.images.shape[1:]))
        low, high = data.train.images.min(), data.train.images.max()
        mean, deviation = _mean_and_deviation(data.train.images)
        yield (
            "pixels",
            f"{sides}, {low} to {high}, mean {mean:.1f}, standard deviation {deviation:.1f}",
        )
    yield "repeated", repetitions(data, kind)


def repetitions(data: Dataset, kind: Items = "images") -> str:
    """Say how many examples are there twice, value for value, and how many of the test."""
    known = {image.tobytes() for image in data.train.images}
    again = len(data.train) - len(known)
    shared = sum(image.tobytes() in known for image in data.test.images)
    return f"{again:,} of the training {kind} are there before, {shared:,} of the test {kind} too"


def class_counts(data: Dataset) -> tuple[Row, list[Row]]:
    """Return a header, and a row for each class or label: name, number of images in each split."""
    splits = {"training": data.train, "validation": data.validation, "test": data.test}
    counts = {
        name: data.task.counts(split.targets) for name, split in splits.items() if split is not None
    }
    rows = [
        [name, *(f"{count[label]:,}" for count in counts.values())]
        for label, name in enumerate(data.task.names)
    ]
    return [data.task.noun, *counts], rows


def column_statistics(columns: Images, names: Sequence[str]) -> tuple[Row, list[Row]]:
    """Return a header, and a row for each column: smallest, mean, deviation and largest value.

    Args:
        columns: float32 [n, columns].
        names: one for each of them.
    """
    whole = columns.astype(np.float64)
    of = (whole.min(axis=0), whole.mean(axis=0), whole.std(axis=0), whole.max(axis=0))
    rows = [[name, *(f"{v:.4g}" for v in values)] for name, *values in zip(names, *of, strict=True)]
    return ["training rows", "min", "mean", "sd", "max"], rows


def doubtful_columns(columns: Images, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the names of columns that say nothing of a row, and why.

    Args:
        columns: float32 [n, columns].
        names: one for each of them, or none: then nobody can choose columns by their names.
    """
    for name, values in zip(names, columns.T, strict=False):
        different = np.unique(values)
        if len(different) == 1:
            yield name, "is the same in all rows"
        elif len(different) == len(values) >= _FEW and _is_counting(different):
            yield name, "numbers the rows, as an identifier does"


def _is_counting(different: NDArray[Any]) -> bool:
    """Whether different numbers, in order, are whole and leave out at most every other one."""
    whole = bool((different == np.round(different)).all())
    return whole and float(different[-1]) - float(different[0]) < 2 * len(different)


def _mean_and_deviation(images: Images) -> tuple[float, float]:
    """Return both over all pixels, without an array of floats as large as all images."""
    total = squares = 0.0
    for start in range(0, len(images), _AT_ONCE):
        part = images[start : start + _AT_ONCE].astype(np.float32)
        total += float(part.sum(dtype=np.float64))
        squares += float(np.square(part).sum(dtype=np.float64))
    mean = total / images.size
    return mean, float(np.sqrt(max(squares / images.size - mean**2, 0.0)))
