"""Rows of a table: from the command line, or a CSV file with or without a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from runner.base.csv_table import CsvTable, read_csv_table
from runner.base.errors import DataError
from runner.predict.inputs.sample import Sample, shape_text

SUFFIXES = (".csv",)


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


def read_csv(
    path: Path, truth: str | None, features: int, names: Sequence[str] = ()
) -> Iterator[Sample]:
    """Yield the rows of a CSV file; see `runner.base.csv_table`.

    Args:
        path: of the file.
        truth: name of the column of classes, or None.
        features: columns that the network takes.
        names: of the features, where they are known: the columns that are taken, in this order, of
            a file with a header. Otherwise the file has no others, in the order of the network.

    Raises:
        DataError: it cannot be read, has no rows, or one that is not of so many finite numbers.
    """
    table = read_csv_table(path, {*names, truth or ""})
    for name in ([truth] if truth else []) + [*names] * bool(table.header):
        if name not in table.header:
            there_are = ", ".join(table.header) or "numbers"
            raise DataError(f"{path}: there is no column {name}, only {there_are}")
    if not table.rows:
        raise DataError(f"{path}: holds no rows")
    true_at = table.header.index(truth) if truth else None
    chosen = [table.header.index(name) for name in names] if table.header else []
    for line, row in table.rows:
        cells = [row[n] for n in chosen or range(len(row)) if n != true_at and n < len(row)]
        values = _numbers(table, cells)
        if len(values) != features:
            raise DataError(
                f"{path}: line {line}: the network takes a row of {features} finite numbers, got "
                f"{','.join(cells) or 'none'}"
            )
        if true_at is not None and len(row) <= true_at:
            raise DataError(
                f"{path}: line {line}: expected a value in the column {truth}, got none"
            )
        true = None if true_at is None else row[true_at].strip()
        yield Sample(f"{path}:{line}", values, "", true)


def _numbers(table: CsvTable, cells: Sequence[str]) -> NDArray[np.float32]:
    """Return what stands in cells, or nothing where they are not all finite numbers."""
    try:
        return features_of([table.number(cell) for cell in cells])
    except ValueError:
        return np.zeros(0, np.float32)
