"""Rows of a table: from the command line, or a CSV file with or without a header."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from runner.base.errors import DataError
from runner.predict.inputs.sample import Sample, shape_text

SUFFIXES = (".csv",)
_BEGINS_AS_NUMBER = re.compile(r"[-+]?\.?\d|[-+]?(nan|inf(inity)?)$", re.IGNORECASE)


def features_of(numbers: ArrayLike) -> NDArray[np.float32]:
    """Return numbers as a network takes them.

    Raises:
        ValueError: they are no numbers, or not finite as float32.
    """
    with np.errstate(over="ignore"):
        values = np.asarray(numbers).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("expected finite numbers of 32 bits, got NaN, infinite or larger ones")
    return values


def from_values(values: Sequence[float], shape: Sequence[int]) -> Iterator[Sample]:
    """Yield the rows that numbers of the command line make, of the shape that the network takes.

    Raises:
        DataError: it takes images, or they make no whole rows, or are not finite.
    """
    if len(shape) > 1:
        raise DataError(f"--values: the network takes images of {shape_text(shape)}; give files")
    (features,) = shape
    if len(values) % features:
        raise DataError(f"--values: {len(values)} numbers, but the network takes {features} a row")
    for start in range(0, len(values), features):
        row = values[start : start + features]
        name = ", ".join(f"{value:g}" for value in row)
        try:
            yield Sample(name, features_of(row))
        except ValueError as error:
            raise DataError(f"--values {name}: {error}") from error


def read_csv(path: Path, truth: str | None, features: int) -> Iterator[Sample]:
    """Yield the rows of a CSV file.

    The first is a header where no feature in it begins as a number does: a damaged number is no
    name.

    Args:
        path: of the file.
        truth: name of the column of classes, or None.
        features: columns that the network takes, in its order; the file may have no others.

    Raises:
        DataError: it cannot be read, has no rows, or one that is not of so many finite numbers.
    """
    rows = _rows(path)
    header = rows.pop(0)[1] if rows and _is_header(rows[0][1], truth) else []
    if truth is not None and truth not in header:
        raise DataError(
            f"{path}: there is no column {truth}, only {', '.join(header) or 'numbers'}"
        )
    if not rows:
        raise DataError(f"{path}: holds no rows")
    column = header.index(truth) if truth else None
    for line, row in rows:
        cells = [cell for number, cell in enumerate(row) if number != column]
        values = _numbers(cells)
        if len(values) != features:
            raise DataError(
                f"{path}: line {line}: the network takes a row of {features} finite numbers, got "
                f"{','.join(cells) or 'none'}"
            )
        if column is not None and len(row) <= column:
            raise DataError(
                f"{path}: line {line}: expected a value in the column {truth}, got none"
            )
        true = None if column is None else row[column].strip()
        yield Sample(f"{path}:{line}", values, "", true)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, with their lines."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [(n, row) for n, row in enumerate(csv.reader(file), 1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: expected CSV text in UTF-8: {error}") from error


def _numbers(cells: Sequence[str]) -> NDArray[np.float32]:
    """Return what stands in cells, or nothing where they are not all finite numbers."""
    try:
        return features_of([float(cell) for cell in cells])
    except ValueError:
        return np.zeros(0, np.float32)


def _is_header(row: Sequence[str], truth: str | None) -> bool:
    return not any(_BEGINS_AS_NUMBER.match(cell.strip()) for cell in row if cell != truth)
