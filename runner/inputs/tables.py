"""Rows of numbers: from the command line, or a CSV file with or without a header."""

import csv
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from runner.errors import DataError
from runner.inputs.sample import Sample

SUFFIXES = (".csv",)


def from_values(values: Sequence[float], features: int) -> Iterator[Sample]:
    """Yield the rows that numbers of the command line make.

    Raises:
        DataError: they make no whole rows.
    """
    if len(values) % features:
        raise DataError(f"--values: {len(values)} numbers, but the network takes {features} a row")
    for start in range(0, len(values), features):
        row = values[start : start + features]
        yield Sample(", ".join(f"{value:g}" for value in row), np.array(row, np.float32))


def read(path: Path, truth: str | None, features: int) -> Iterator[Sample]:
    """Yield the rows of a CSV file; the first is a header where it is not all numbers.

    Args:
        path: of the file.
        truth: name of the column of classes, or None.
        features: columns that the network takes, in its order; the file may have no others.

    Raises:
        DataError: it cannot be read, or a row is not of so many finite numbers.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [(n, row) for n, row in enumerate(csv.reader(file), 1) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: expected CSV text in UTF-8: {error}") from error
    header = rows.pop(0)[1] if rows and not all(_number(cell) for cell in rows[0][1]) else []
    if truth is not None and truth not in header:
        raise DataError(
            f"{path}: there is no column {truth}, only {', '.join(header) or 'numbers'}"
        )
    column = header.index(truth) if truth else None
    for line, row in rows:
        cells = [cell for place, cell in enumerate(row) if place != column]
        if len(cells) != features or not all(map(_number, cells)):
            raise DataError(
                f"{path}: line {line}: the network takes a row of {features}, got {','.join(cells)}"
            )
        given = None if column is None else row[column].strip()
        yield Sample(
            f"{path}:{line}", np.array([float(cell) for cell in cells], np.float32), "", given
        )


def _number(cell: str) -> bool:
    try:
        return isfinite(float(cell))
    except ValueError:
        return False
