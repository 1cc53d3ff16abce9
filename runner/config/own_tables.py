"""A user's own table in a CSV file: `dataset=csv` and `dataset=csv-regression`.

The names of its columns and classes are those of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from runner.base.csv_file import read_csv_table
from runner.base.csv_table import CsvTable
from runner.base.errors import ConfigurationError, DataError
from runner.config.own_folders import UNKNOWN_CLASSES, check_name

_UNKNOWN_FEATURES = ["first feature"]
"""Where no file is named, or none that can be read: `check_table` says more than Hydra would."""

WANTED = "dataset.path=FILE, a CSV file with a column for each feature, and for the class or number"
Column = str | int | None
_MOST_A_ROW, _MOST_NUMBERS = 0.5, 100
"""Of the different values in a column of classes; more are no classes."""

_LOOKED_AT = 100
CHOOSE = "\"dataset.feature_names=['A','B']\""
_HINT = "dataset.source.target=COLUMN names another one, dataset=csv-regression predicts numbers"


@dataclass(frozen=True)
class _Description:
    """What is asked of a file several times.

    Attributes:
        head: its first rows.
        rows: number of all.
        target: name of the column that is predicted.
        values: what stands in it, without repetitions, in order; numbers by their size.
        empty: line where nothing stands in it, or None.
    """

    head: CsvTable
    rows: int
    target: str
    values: list[str]
    empty: int | None


def csv_features(path: str | None, data_dir: str | None, target: Column) -> list[str]:
    """Return the names of all columns but one for a YAML file, `${csv_features:FILE,DIR,COLUMN}`.

    Args:
        path: of the file, or None.
        data_dir: directory that the path is relative to; None is the working one.
        target: name of the column, or its number in a file without a header; None is the last.
    """
    found = _found(path, data_dir, target)
    if found is None:
        return _UNKNOWN_FEATURES
    return [name for name in found.head.columns if name != found.target]


def csv_classes(path: str | None, data_dir: str | None, target: Column) -> list[str]:
    """Return the different values of that column, `${csv_classes:FILE,DIR,COLUMN}`."""
    found = _found(path, data_dir, target)
    return found.values if found and len(found.values) > 1 else UNKNOWN_CLASSES


def csv_target(path: str | None, data_dir: str | None, target: Column) -> str:
    """Return the name of that column, `${csv_target:FILE,DIR,COLUMN}`."""
    found = _found(path, data_dir, target)
    return found.target if found else "target"


def check_table(file: Path, target: str | None, features: Sequence[str], has_classes: bool) -> None:
    """Raise ConfigurationError or DataError where a file is no table with such columns.

    Args:
        file: which may not be there.
        target: name of the column that is predicted; None is the last.
        features: names of columns of numbers, of which the first rows are looked at.
        has_classes: whether that column holds classes, not numbers.
    """
    if file.is_dir():
        raise ConfigurationError(
            f"dataset.path={file}: it is a folder; expected a CSV file, or dataset=folder for "
            "pictures in folders"
        )
    if not file.is_file():
        raise ConfigurationError(f"dataset.path={file}: there is no such file; give {WANTED}")
    found = _described(file, target, _state(file))
    if found.target in features:
        raise ConfigurationError(
            f"dataset.feature_names: {found.target} is the column to predict; leave it out, or "
            "name another one with dataset.source.target"
        )
    for name in [*features, *([] if has_classes else [found.target])]:
        _check_numbers(found.head, found.head.column(name))
    if has_classes:
        _check_classes(found)


def _check_numbers(head: CsvTable, column: str) -> None:
    try:
        head.numbers(column)
    except DataError as error:
        raise DataError(f"{error}; correct it, or choose columns: {CHOOSE}") from error


def _check_classes(found: _Description) -> None:
    values, head = found.values, found.head
    numbers = [value for value in values if head.is_number(value)]
    fraction = next((one for one in numbers if not head.number(one).is_integer()), None)
    if found.empty is not None:
        where = f"{head.path}: line {found.empty}, column {found.target}"
        raise DataError(f"{where}: expected a class, got nothing")
    if len(values) < len(UNKNOWN_CLASSES):
        got = f"{values[0]!r} alone"
    elif fraction is not None:
        got = f"numbers such as {fraction}"
    elif len(values) > _MOST_A_ROW * found.rows:
        got = f"{len(values)} in {found.rows} rows"
    elif len(values) == len(numbers) > _MOST_NUMBERS:
        got = f"{len(values)} different numbers"
    else:
        return
    expected = f"classes in the column {found.target}, two or more"
    raise ConfigurationError(f"{head.path}: expected {expected}, got {got}; {_HINT}")


def own_file(path: str | None, data_dir: str | None) -> Path:
    """Return the path of a user's own file."""
    return Path(data_dir or "").expanduser() / Path(str(path or "")).expanduser()


def _found(path: str | None, data_dir: str | None, target: Column) -> _Description | None:
    """Return the description of a file, or None where it cannot be read."""
    file = own_file(path, data_dir)
    with suppress(DataError, OSError):
        return _described(file, None if target is None else str(target), _state(file))
    return None


def _state(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=16)
def _described(file: Path, target: str | None, state: tuple[int, int]) -> _Description:
    """Read a file and describe it, once for each state that it was in.

    Raises:
        DataError: it cannot be read, or has no rows, not two columns, or wrong names.
    """
    del state
    table = read_csv_table(file, {target} if target else ())
    if not table.rows or not table.columns[1:]:
        expected = "expected two columns or more, between commas, semicolons or tabs"
        raise DataError(f"{file}: {expected}; give {WANTED}")
    table.check()
    column = table.column(target)
    cells = table.cells(column)
    values = sorted({*cells})
    values = sorted(values, key=table.number) if all(map(table.is_number, values)) else values
    for name in [*table.columns, *values]:
        check_name(name, file)
    empty = table.rows[cells.index("")][0] if "" in values else None
    head = replace(table, rows=table.rows[:_LOOKED_AT])
    return _Description(head, len(table.rows), column, values, empty)
