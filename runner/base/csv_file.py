"""Reading of CSV files: what separates their columns, whether they have a header, and decimals."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import replace
from io import StringIO
from pathlib import Path

from runner.base.csv_table import CsvTable
from runner.base.errors import DataError

_NAMED_SEPARATOR = re.compile(r'\s*"?sep=([,;\t])"?\s*')
_QUOTED = re.compile(r'"[^"]*"')
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d*,\d+(e[-+]?\d+)?\s*", re.IGNORECASE)
_BEGINS_AS_NUMBER = re.compile(r"[-+]?[.,]?\d|[-+]?(nan|inf(inity)?)$", re.IGNORECASE)
_BEGINNING = 1 << 16
Rows = list[tuple[int, list[str]]]


def read_csv_table(path: Path, named: Collection[str] = ()) -> CsvTable:
    """Read a CSV file whose columns are separated by tabs, semicolons or commas.

    What its first line has of these, or names as spreadsheets do (`sep=;`), separates them. The
    line after that is a header where none of its cells is a number, and not all begin as one: a row
    of damaged numbers is no header. Where no comma separates columns, one in a number is decimal,
    and points are refused. Columns at the end without anything in them are left out.

    Args:
        path: of the file, UTF-8.
        named: names of columns, which may be numbers such as 2025.

    Raises:
        DataError: it cannot be read, or names two columns alike.
    """
    rows, separator = _read(path)
    first = [cell.strip() for cell in rows[0][1]] if rows else []
    cells = (cell for _, row in rows for cell in row)
    comma = separator != "," and any(map(_DECIMAL_COMMA.fullmatch, cells))
    table = CsvTable(path, [str(n + 1) for n, _ in enumerate(first)], False, rows, comma)
    if not _is_header(table, first, named):
        return table
    for name in first:
        if name and first.count(name) > 1:
            raise DataError(f"{path}: two columns are called {name}; rename one")
    return replace(table, columns=first, has_header=True, rows=rows[1:])


def _read(path: Path) -> tuple[Rows, str]:
    """Return the rows that are not empty, with their lines, and what separates columns."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        lines = text.splitlines(keepends=True)
        begin = next((n for n, line in enumerate(lines) if line.strip()), 0)
        first = lines[begin] if lines else ""
        if declared := _NAMED_SEPARATOR.fullmatch(first):
            begin, separator = begin + 1, declared[1]
        else:
            unquoted = _QUOTED.sub("", "".join(lines[begin:])[:_BEGINNING]).splitlines()
            line = unquoted[0] if unquoted else ""
            separator = next((sign for sign in "\t;" if sign in line), ",")
        reader = csv.reader(StringIO("".join(lines[begin:]), newline=""), delimiter=separator)
        rows = [(begin + reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except UnicodeDecodeError as error:
        advice = "a spreadsheet saves it so as CSV UTF-8"
        raise DataError(f"{path}: expected text in UTF-8; {advice} ({error.reason})") from error
    except (OSError, csv.Error) as error:
        raise DataError(f"{path}: expected a CSV file: {error}") from error
    while rows and rows[0][1] and not any(row[-1].strip() for _, row in rows):
        rows = [(line, row[:-1]) for line, row in rows]
    return rows, separator


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
