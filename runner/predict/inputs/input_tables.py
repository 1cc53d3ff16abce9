"""Rows of a table: from the command line, or a CSV file with or without a header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import finite_numbers
from runner.base.csv_file import read_csv_table
from runner.base.csv_table import CsvTable
from runner.base.errors import DataError
from runner.predict.inputs.sample import Sample, shape_text

SUFFIXES = (".csv",)


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
            yield Sample(name, finite_numbers(row))
        except ValueError as error:
            raise DataError(f"--values {name}: {error}") from error


def read_csv(
    path: Path, truth: str | None, features: int, names: Sequence[str] = ()
) -> Iterator[Sample]:
    """Yield the rows of a CSV file; see `runner.base.csv_file`.

    Args:
        path: of the file.
        truth: name of the column of classes, or None.
        features: number of columns that the network takes.
        names: of these columns, where they are known: a file with a header may have them in any
            order, and others. Without, it has no others, in the order that the network takes.

    Raises:
        DataError: it cannot be read, has no rows, or one that is not of so many finite numbers.
    """
    table = read_csv_table(path, {*names, truth or ""})
    if truth and not table.has_header:
        raise DataError(f"{path}: there is no column {truth}, only numbers without names")
    true_at = table.columns.index(table.column(truth)) if truth else None
    by_name = names if table.has_header else ()
    places = [table.columns.index(table.column(name)) for name in by_name]
    places = places or [n for n in range(len(table.columns)) if n != true_at]
    if not table.rows:
        raise DataError(f"{path}: holds no rows")
    for line, row in table.rows:
        table.check_row(line, row)
        cells = [row[place] for place in places]
        values = _numbers(table, cells)
        if len(values) != features:
            raise DataError(
                f"{path}: line {line}: the network takes a row of {features} finite numbers, got "
                f"{'; '.join(cells) or 'none'}"
            )
        true = None if true_at is None else row[true_at].strip()
        yield Sample(f"{path}:{line}", values, "", true)


def _numbers(table: CsvTable, cells: Sequence[str]) -> NDArray[np.float32]:
    """Return what stands in cells, or nothing where they are not all finite numbers."""
    try:
        return finite_numbers([table.number(cell) for cell in cells])
    except ValueError:
        return np.zeros(0, np.float32)
