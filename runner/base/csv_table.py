"""Tables in CSV files: rows of cells, under a header or not."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.errors import DataError
from runner.base.suggestions import nearest_or_all

_DELIMITERS = ",;\t"
_BEGINS_AS_NUMBER = re.compile(r"[-+]?[.,]?\d|[-+]?(nan|inf(inity)?)$", re.IGNORECASE)


@dataclass(frozen=True)
class CsvTable:
    """The text of a table.

    Attributes:
        path: of its file.
        header: names of the columns; [] where the first line holds numbers.
        rows: number of the line, and cells, of each row that is not empty.
        decimal_comma: whether numbers may have one, as columns are not separated by commas.
    """

    path: Path
    header: list[str]
    rows: list[tuple[int, list[str]]]
    decimal_comma: bool

    @property
    def columns(self) -> list[str]:
        """Names of the columns; without a header they are numbered from 1."""
        return self.header or [
            str(n) for n, _ in enumerate(self.rows[0][1] if self.rows else [], 1)
        ]

    def column(self, name: str | None) -> str:
        """Return the name of a column, the last for None.

        Raises:
            DataError: there is no such column.
        """
        if name is not None and name not in self.columns:
            raise DataError(f"{self.path}: no column {name}{nearest_or_all(name, self.columns)}")
        return self.columns[-1] if name is None else name

    def cells(self, column: str) -> list[str]:
        """Return a column, without spaces around what stands there.

        Raises:
            DataError: a row has more or fewer cells than there are columns.
        """
        place = self.columns.index(column)
        for line, row in self.rows:
            if len(row) != len(self.columns):
                raise DataError(
                    f"{self.path}: line {line}: expected {len(self.columns)} cells, as in the "
                    f"first line, got {len(row)}"
                )
        return [row[place].strip() for _, row in self.rows]

    def numbers(self, column: str) -> NDArray[np.float32]:
        """Return a column of finite numbers, [rows].

        Raises:
            DataError: a cell holds something else, or a row has other cells.
        """
        values = np.empty(len(self.rows), np.float32)
        for place, cell in enumerate(self.cells(column)):
            try:
                values[place] = self.number(cell)
            except ValueError as error:
                raise DataError(
                    f"{self.path}: line {self.rows[place][0]}, column {column}: expected a number, "
                    f"got {repr(cell) if cell else 'nothing'}"
                ) from error
        return values

    def is_number(self, cell: str) -> bool:
        """Whether `number` returns one."""
        try:
            return self.number(cell) is not None
        except ValueError:
            return False

    def number(self, cell: str) -> float:
        """Return the number in a cell.

        Raises:
            ValueError: there is none, or none that is finite as float32.
        """
        value = float(cell.replace(",", ".") if self.decimal_comma else cell)
        with np.errstate(over="ignore"):
            if not np.isfinite(np.float32(value)):
                raise ValueError("expected a finite number of 32 bits")
        return value


def read_csv_table(path: Path, named: Collection[str] = ()) -> CsvTable:
    """Read a CSV file whose columns are separated by commas, semicolons or tabs.

    It is what the first line has most of. That line is a header where no name in it begins as a
    number does: a damaged number is no name.

    Args:
        path: of the file, UTF-8.
        named: names of columns that may begin as numbers do.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = next((line for line in file if line.strip()), "")
            file.seek(0)
            delimiter = max(_DELIMITERS, key=first.count)
            reader = csv.reader(file, delimiter=delimiter)
            rows = [(reader.line_num, row) for row in reader if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: expected CSV text in UTF-8: {error}") from error
    header = rows.pop(0)[1] if rows and _is_header(rows[0][1], named) else []
    return CsvTable(path, [name.strip() for name in header], rows, delimiter != ",")


def _is_header(row: list[str], named: Collection[str]) -> bool:
    return not any(_BEGINS_AS_NUMBER.match(cell.strip()) for cell in row if cell not in named)
