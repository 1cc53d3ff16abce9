"""Tables in CSV files: rows of cells, under a header or not."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import finite_numbers
from runner.base.errors import DataError
from runner.base.suggestions import nearest_or_all

_BEGINS_AS_NUMBER = re.compile(r"[-+]?[.,]?\d|[-+]?(nan|inf(inity)?)$", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class CsvTable:
    """The text of a table.

    Attributes:
        path: of its file.
        columns: their names; without a header they are numbered from 1.
        has_header: whether the file names them.
        rows: number of the line, and cells, of each row that is not empty.
        decimal_comma: whether numbers may have one, as columns are not separated by commas.
    """

    path: Path
    columns: list[str]
    has_header: bool
    rows: list[tuple[int, list[str]]]
    decimal_comma: bool

    def column(self, name: str | None) -> str:
        """Return the name of a column, the last for None.

        Raises:
            DataError: there is no such column.
        """
        if name is not None and name not in self.columns:
            numbered = "" if self.has_header else ", which are numbered as there are no names"
            near = nearest_or_all(name, self.columns)
            raise DataError(f"{self.path}: there is no column {name}{near}{numbered}")
        return self.columns[-1] if name is None else name

    def check(self) -> None:
        """Raise DataError where a column has no name, or a row other cells than the first line."""
        if "" in self.columns:
            number = self.columns.index("") + 1
            raise DataError(f"{self.path}: column {number} has no name; name it, or leave it out")
        for line, row in self.rows:
            self.check_row(line, row)

    def check_row(self, line: int, row: Sequence[str]) -> None:
        """Raise DataError where a row has other cells than the first line."""
        if len(row) != len(self.columns):
            raise DataError(
                f"{self.path}: line {line}: expected {len(self.columns)} cells, as in the first "
                f"line, got {len(row)}"
            )

    def cells(self, column: str) -> list[str]:
        """Return a column of a table that was checked, without spaces around its cells."""
        place = self.columns.index(column)
        return [row[place].strip() for _, row in self.rows]

    def numbers(self, column: str, most: int | None = None) -> NDArray[np.float32]:
        """Return a column of finite numbers of a table that was checked, or the first of them.

        Raises:
            DataError: a cell holds something else.
        """
        cells = self.cells(column)[:most]
        try:
            return finite_numbers([self.number(cell) for cell in cells])
        except ValueError as error:
            wrong = next(n for n, cell in enumerate(cells) if not self.is_number(cell))
            raise DataError(
                f"{self.path}: line {self.rows[wrong][0]}, column {column}: expected a number, got "
                f"{repr(cells[wrong]) if cells[wrong] else 'nothing'}"
            ) from error

    def number(self, cell: str) -> float:
        """Return the number in a cell.

        Raises:
            ValueError: there is none.
        """
        return float(cell.replace(",", ".") if self.decimal_comma else cell)

    def is_number(self, cell: str) -> bool:
        """Whether a cell holds a finite number."""
        try:
            return finite_numbers([self.number(cell)]).size > 0
        except ValueError:
            return False


def read_csv_table(path: Path, named: Collection[str] = ()) -> CsvTable:
    """Read a CSV file whose columns are separated by tabs, semicolons or commas.

    What its first line has of these separates them. That line is a header where none of its cells
    is a number, and not all begin as one: a row of damaged numbers is no header.

    Args:
        path: of the file, UTF-8.
        named: names of columns, which may be numbers such as 2025.

    Raises:
        DataError: it cannot be read, or names two columns alike.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = _QUOTED.sub("", next((line for line in file if line.strip()), ""))
            file.seek(0)
            delimiter = next((sign for sign in "\t;" if sign in first), ",")
            reader = csv.reader(file, delimiter=delimiter)
            rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: expected CSV text in UTF-8: {error}") from error
    cells = [cell.strip() for cell in rows[0][1]] if rows else []
    numbered = CsvTable(
        path, [str(n + 1) for n in range(len(cells))], False, rows, delimiter != ","
    )
    if not _is_header(numbered, cells, named):
        return numbered
    for name in cells:
        if name and cells.count(name) > 1:
            raise DataError(f"{path}: two columns are called {name}; rename one")
    return CsvTable(path, cells, True, rows[1:], delimiter != ",")


def _is_header(table: CsvTable, cells: list[str], named: Collection[str]) -> bool:
    """Tell whether the cells of the first line are names."""
    others = [cell for cell in cells if cell not in named or cells.count(cell) > 1]
    any_number = any(_is_any_number(table, cell) for cell in others)
    return not any_number and not all(map(_BEGINS_AS_NUMBER.match, cells))


def _is_any_number(table: CsvTable, cell: str) -> bool:
    """Tell whether a cell holds a number, be it infinite or NaN."""
    try:
        table.number(cell)
    except ValueError:
        return False
    return True
