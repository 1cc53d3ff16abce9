"""Tables in CSV files, whose test rows are split off by ratio."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from runner.base.array_types import Labels, Targets
from runner.base.csv_file import read_csv_table
from runner.base.csv_table import CsvTable
from runner.base.errors import DataError
from runner.base.option_types import Name, Seed
from runner.datasets.folders import Part
from runner.datasets.ratio_split import split_by_ratio
from runner.datasets.source import Arrays, Source


def csv_table(
    *,
    file: str | None,
    target: Name | None,
    features: list[Name],
    classes: Annotated[list[Name], Field(min_length=2)] | None,
    test_fraction: Part,
    split_seed: Seed,
    origin: str | None = None,
) -> Source:
    """Describe a table in a CSV file: numbers, and the class or number to predict from them.

    Args:
        file: relative to a searched directory; see `runner.base.csv_file`. None where there is
            none yet.
        target: name of the column of what is predicted, or its number in a file without a header;
            None is the last.
        features: names of the columns of the features, in their order.
        classes: what stands in that column, in the order of the labels; None where it is numbers.
        test_fraction: of the rows, chosen at random for the test, stratified by class.
        split_seed: of that choice alone.
        origin: where people get the file.
    """

    def read(paths: list[Path], trust: bool) -> Arrays:
        del trust  # nothing is cached of tables
        table = read_csv_table(paths[0], [target] if target else [])
        table.check()
        column = table.column(target)
        rows = np.column_stack([table.numbers(table.column(name)) for name in features])
        targets: Targets = (
            _labels(table, column, classes) if classes else table.numbers(column)[:, np.newaxis]
        )
        arrays = split_by_ratio(rows, targets, test_fraction, split_seed, classes)
        content = sha256(paths[0].read_bytes()).hexdigest()
        split = f"{content} target={column} test_fraction={test_fraction} split_seed={split_seed}"
        origins = {name: f"{split} {name}" for name in ("x_train", "x_test")}
        return replace(arrays, origins=origins)

    decides = {"target": target, "test_fraction": test_fraction, "split_seed": split_seed}
    path = str(Path(file or "FILE").expanduser())
    return Source([[path]], read, origin=origin, test_split=decides)


def _labels(table: CsvTable, column: str, classes: list[str]) -> Labels:
    """Return the place of each cell of a column among the classes, int64 [rows]."""
    cells = table.cells(column)
    if unknown := sorted({*cells} - {*classes}):
        raise DataError(
            f"{table.path}: expected one of {', '.join(classes)} in the column {column}, got "
            f"{', '.join(map(repr, unknown))}"
        )
    return np.array([classes.index(cell) for cell in cells], np.int64)
