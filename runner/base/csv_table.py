"""The text of a table: columns with names, and rows of cells; see `runner.base.csv_file`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import finite_numbers
from runner.base.errors import DataError
from runner.base.suggestions import nearest_or_all


@dataclass(frozen=True)
class CsvTable:
    """The text of a table.

    Attributes:
        path: of its file.
        columns: their names; without a header they are numbered from 1.
        has_header: whether the file names them.
        rows: number of the line, and cells, of each row that is not empty.
        decimal_comma: whether numbers have one, not a point.
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

    def numbers(self, column: str) -> NDArray[np.float32]:
        """Return a column of finite numbers of a table that was checked.

        Raises:
            DataError: a cell holds something else.
        """
        cells = self.cells(column)
        try:
            return finite_numbers([self.number(cell) for cell in cells])
        except ValueError as error:
            wrong = next(n for n, cell in enumerate(cells) if not self.is_number(cell))
            line, cell = self.rows[wrong][0], cells[wrong]
            raise DataError(
                f"{self.path}: line {line}, column {column}: expected "
                f"{self._expected(wrong, cell)}, got {repr(cell) if cell else 'nothing'}"
            ) from error

    def _expected(self, row: int, cell: str) -> str:
        if self.decimal_comma and "." in cell:
            return "a number with a decimal comma, as elsewhere in the file"
        names = "" if self.has_header or row else ", or names alone in the first line"
        return f"a number{names}"

    def number(self, cell: str) -> float:
        """Return the number in a cell.

        Raises:
            ValueError: there is none.
        """
        if "_" in cell or (self.decimal_comma and "." in cell):  # of thousands, or of decimals?
            raise ValueError(cell)
        return float(cell.replace(",", ".") if self.decimal_comma else cell)

    def is_number(self, cell: str) -> bool:
        """Whether a cell holds a finite number."""
        try:
            return finite_numbers([self.number(cell)]).size > 0
        except ValueError:
            return False
