"""A user's own table in a CSV file: `dataset=csv` and `dataset=csv-regression`.

The names of its columns and classes are those of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from runner.base.csv_file import read_csv_table
from runner.base.csv_table import CsvTable
from runner.base.errors import ConfigurationError, DataError
from runner.config.own_folders import UNKNOWN_CLASSES

UNKNOWN_FEATURES = ["first feature"]
"""Where no file is named, or none that can be read: `check_table` says more than Hydra would."""

WANTED = "dataset.path=FILE, a CSV file with a column for each feature, and for the class or number"
Column = str | int | None
_MOST_A_ROW, _MOST_NUMBERS = 0.5, 100
"""Of the different values in a column of classes; more are no classes."""

_LOOKED_AT = 100
_CHOOSE = "\"dataset.feature_names=['A','B']\""
_HINT = "dataset.source.target=COLUMN names another one, dataset=csv-regression predicts numbers"


@dataclass(frozen=True)
class _Names:
    """The names in a file: of the features, the classes, and the column that is predicted."""

    features: list[str] = field(default_factory=lambda: UNKNOWN_FEATURES)
    classes: list[str] = field(default_factory=lambda: UNKNOWN_CLASSES)
    target: str = "target"


def csv_features(path: str | None, data_dir: str | None, target: Column) -> list[str]:
    """Return the names of all columns but one for a YAML file, `${csv_features:FILE,DIR,COLUMN}`.

    Args:
        path: of the file, or None.
        data_dir: directory that the path is relative to; None is the working one.
        target: name of the column, or its number in a file without a header; None is the last.
    """
    return _names(path, data_dir, target).features


def csv_classes(path: str | None, data_dir: str | None, target: Column) -> list[str]:
    """Return the different values of that column, `${csv_classes:FILE,DIR,COLUMN}`."""
    return _names(path, data_dir, target).classes


def csv_target(path: str | None, data_dir: str | None, target: Column) -> str:
    """Return the name of that column, `${csv_target:FILE,DIR,COLUMN}`."""
    return _names(path, data_dir, target).target


def check_table(file: Path, target: str | None, features: Sequence[str], has_classes: bool) -> None:
    """Raise ConfigurationError or DataError where a file is no table with such columns.

    Args:
        file: which may not be there.
        target: name of the column that is predicted; None is the last.
        features: names of columns of numbers, of which the first rows are looked at.
        has_classes: whether that column holds classes, not numbers.
    """
    if not file.is_file():
        raise ConfigurationError(f"dataset.path={file}: there is no such file; give {WANTED}")
    table = _read(file, target)
    column = table.column(target)
    for name in [*features, *([] if has_classes else [column])]:
        _check_numbers(table, table.column(name))
    if has_classes:
        _check_classes(table, column)


def _check_numbers(table: CsvTable, column: str) -> None:
    try:
        table.numbers(column, _LOOKED_AT)
    except DataError as error:
        raise DataError(f"{error}; correct it, or choose columns: {_CHOOSE}") from error


def _check_classes(table: CsvTable, column: str) -> None:
    values = _different(table, column)
    numbers = [value for value in values if table.is_number(value)]
    fraction = next((one for one in numbers if not table.number(one).is_integer()), None)
    if "" in values:
        line = table.rows[table.cells(column).index("")][0]
        raise DataError(
            f"{table.path}: line {line}, column {column}: expected a class, got nothing"
        )
    if len(values) < len(UNKNOWN_CLASSES):
        got = f"{values[0]} alone"
    elif fraction is not None:
        got = f"numbers such as {fraction}"
    elif len(values) > _MOST_A_ROW * len(table.rows):
        got = f"{len(values)} in {len(table.rows)} rows"
    elif len(values) == len(numbers) > _MOST_NUMBERS:
        got = f"{len(values)} different numbers"
    else:
        return
    raise ConfigurationError(
        f"{table.path}: expected classes in the column {column}, two or more, got {got}; {_HINT}"
    )


def own_file(path: str | None, data_dir: str | None) -> Path:
    """Return the path of a user's own file."""
    return Path(data_dir or "").expanduser() / Path(path or "").expanduser()


def _names(path: str | None, data_dir: str | None, target: Column) -> _Names:
    """Return the names in a file, placeholders where there is none that can be read."""
    file = own_file(path, data_dir)
    with suppress(DataError, OSError):
        state = file.stat()
        column = None if target is None else str(target)
        return _names_of(file, column, (state.st_mtime_ns, state.st_size))
    return _Names()


@lru_cache(maxsize=16)
def _names_of(file: Path, target: str | None, changed: tuple[int, int]) -> _Names:
    """Return the names in a file: a composition asks for them six times."""
    del changed  # is there to read a file again that was changed
    table = _read(file, target)
    column = table.column(target)
    features = [name for name in table.columns if name != column]
    classes = _different(table, column)
    enough = len(classes) >= len(UNKNOWN_CLASSES)
    return _Names(features or UNKNOWN_FEATURES, classes if enough else UNKNOWN_CLASSES, column)


def _read(file: Path, target: str | None) -> CsvTable:
    """Read a table.

    Raises:
        DataError: it cannot be read, or has no rows, not two columns, or some without a name.
    """
    table = read_csv_table(file, {target} if target else ())
    if not table.rows or not table.columns[1:]:
        between = "two columns or more, between commas, semicolons or tabs"
        raise DataError(f"{file}: expected {between}; give {WANTED}")
    table.check()
    return table


def _different(table: CsvTable, column: str) -> list[str]:
    """Return the different values of a column, in order; where all are numbers, by their size."""
    found = sorted({*table.cells(column)})
    return sorted(found, key=table.number) if all(map(table.is_number, found)) else found
