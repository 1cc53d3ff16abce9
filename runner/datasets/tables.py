"""Data sets of tables: rows of features with a class or values, in YAML or a zip archive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from runner.base.array_types import Images, Labels, RegressionValues, Targets
from runner.base.errors import DAMAGE, ConfigurationError, DataError
from runner.base.option_types import Count, Natural
from runner.datasets.array_decoding import LABELS_ARE_NUMBERS
from runner.datasets.array_files import Address, ArrayName, Sha256
from runner.datasets.picture_archive import check_names
from runner.datasets.source import Arrays, Source

TableRow = Annotated[list[float | int | str], Field(min_length=2)]
Rows = Annotated[list[TableRow], Field(min_length=1)]
Parse = Callable[[str, Sequence[TableRow]], "tuple[Images, Targets]"]

LARGEST = 200_000_000
"""Bytes of a member; a few kilobytes of zip can hold more than memory does."""


def inline_table(
    *, train: Rows, test: Rows, classes: list[str] | None = None, outputs: Count | None = None
) -> Source:
    """Describe a table whose rows stand in the YAML: features, and last a class, or numbers.

    Args:
        train: rows to train on.
        test: rows to test on.
        classes: names of the classes in the order of the labels; the last value of a row is one.
        outputs: instead of classes, how many of the last values of a row are targets.
    """
    if (classes is None) == (outputs is None):
        raise ConfigurationError("dataset.source: expected either classes or outputs")

    def read(paths: list[Path], trust: bool) -> Arrays:
        del paths, trust
        parse = _numbers(outputs) if outputs else _labels(classes or [])
        return Arrays(*parse("train", train), *parse("test", test))

    return Source([], read, test_split={"test": test})


def zipped_tables(
    *,
    archive: str,
    members: Annotated[list[str], Field(min_length=4, max_length=4)],
    digests: dict[ArrayName, Sha256] | None = None,
    columns: Annotated[list[Natural], Field(min_length=1)] | None,
    numbers: bool = False,
    download: Address | None = None,
    origin: str | None = None,
) -> Source:
    """Describe a table stored as text in a zip archive, read without unpacking it.

    Each member begins with a line "rows columns".

    Args:
        archive: relative to a searched directory.
        members: names of those that hold x_train, y_train, x_test and y_test.
        digests: SHA-256 of the decoded arrays: float32 features and numbers, labels as bytes.
        columns: the features that are used, the first being 0; None is all of them.
        numbers: whether y_train and y_test hold columns of numbers, the targets, not labels.
        download: address of the directory on the web that holds the archive.
        origin: where people get the archive, too.
    """

    def read(paths: list[Path], trust: bool) -> Arrays:
        del trust  # nothing is cached of tables

        labels = () if numbers else (members[1], members[3])
        x_train, y_train, x_test, y_test = read_matrices(paths[0], members, labels)
        targets = [y.numbers() if numbers else y.labels() for y in (y_train, y_test)]
        return Arrays(x_train.features(), targets[0], x_test.features(), targets[1])

    def prepare(arrays: Arrays) -> Arrays:
        beyond = [column for column in columns or [] if column >= arrays.x_train.shape[1]]
        if beyond:
            raise ConfigurationError(
                f"dataset.source.columns={columns}: there is no {beyond[0]}, the last is "
                f"{arrays.x_train.shape[1] - 1}"
            )
        x_train, x_test = arrays.x_train[:, columns], arrays.x_test[:, columns]
        return replace(arrays, x_train=x_train, x_test=x_test)

    return Source(
        [[archive]],
        read,
        dict(digests.items()) if digests else None,
        download,
        origin,
        prepare=prepare if columns else None,
        test_split={"members": members},
    )


def _labels(classes: list[str]) -> Parse:
    def parse(part: str, rows: Sequence[TableRow]) -> tuple[Images, Targets]:
        for number, row in enumerate(rows):
            if not _numeric(row[:-1]) or str(row[-1]) not in classes or len(row) != len(rows[0]):
                expected = f"{len(rows[0]) - 1} numbers and last one of {', '.join(classes)}"
                raise _wrong_row(part, number, row, expected)
        features = np.array([row[:-1] for row in rows], np.float32)
        return features, np.array([classes.index(str(row[-1])) for row in rows], np.int64)

    return parse


def _numbers(outputs: int) -> Parse:
    def parse(part: str, rows: Sequence[TableRow]) -> tuple[Images, Targets]:
        for number, row in enumerate(rows):
            if not _numeric(row) or len(row) != len(rows[0]) or len(row) <= outputs:
                columns = max(len(rows[0]), outputs + 1)
                expected = f"{columns} numbers, the last {outputs} the targets"
                raise _wrong_row(part, number, row, expected)
        values = np.array(rows, np.float32)
        return values[:, :-outputs], values[:, -outputs:]

    return parse


def _numeric(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, str) for value in values)


def _wrong_row(part: str, number: int, row: TableRow, expected: str) -> DataError:
    return DataError(f"dataset.source.{part}: row {number} is {row}, expected {expected}")


@dataclass(frozen=True)
class Matrix:
    """Numbers, float64 [rows, columns], and what to call them in an error."""

    values: NDArray[np.float64]
    origin: str

    def features(self) -> Images:
        """Return float32 [rows, columns]."""
        return self.values.astype(np.float32)

    def numbers(self) -> RegressionValues:
        """Return float32 [rows, columns]."""
        return self.values.astype(np.float32)

    def labels(self) -> Labels:
        """Return int64 [rows]."""
        whole = self.values.astype(np.int64)
        if self.values.shape[1] != 1 or (whole != self.values).any():
            raise DataError(f"{self.origin}: expected one column of whole numbers, the labels")
        return whole[:, 0]


def read_matrices(
    archive: Path, members: Sequence[str], labels: Sequence[str] = ()
) -> list[Matrix]:
    """Read members of an archive, those of `labels` too, each beginning with "rows columns".

    Raises:
        DataError: the archive or a member is damaged, missing, or not to be trusted, or labels are
            texts.
    """
    try:
        with ZipFile(archive) as opened:
            check_names(opened)
            return [
                Matrix(_read(opened, name, name in labels), f"{archive}: {name}")
                for name in members
            ]
    except DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{archive} cannot be read, replace it: {reason}") from error


def _read(archive: ZipFile, name: str, is_labels: bool) -> NDArray[np.float64]:
    with archive.open(name) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"{name} is larger than {LARGEST:,} bytes")
    text = content.decode("utf-8", "replace") if is_labels else content.decode("ascii")
    first, _, rest = text.partition("\n")
    try:
        rows, columns = map(int, first.split())
    except ValueError as error:
        raise ValueError(f'{name}: expected "rows columns", got {first[:40]!r}') from error
    try:
        values = np.array(rest.split(), np.float64)
    except ValueError as error:
        if is_labels:  # as zip has their checksum, they were written so
            got = f"{archive.filename}: {name}: expected numbers, got {str(error).split(': ')[-1]}"
            raise DataError(f"{got}; {LABELS_ARE_NUMBERS}") from error
        raise
    if rows < 1 or columns < 1 or values.size != rows * columns:
        raise ValueError(
            f"{name}: its first line declares {rows} x {columns} numbers, but {values.size} follow"
        )
    if not np.isfinite(values).all():
        raise ValueError(f"{name}: not all of its numbers are finite")
    return values.reshape(rows, columns)
