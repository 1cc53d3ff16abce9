"""Data sets that are tables: rows of features and a class, in YAML or as text in a zip archive."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from runner.datasets.arrays import ArrayName, Sha256
from runner.datasets.source import Arrays, Source
from runner.errors import ConfigurationError, DataError
from runner.ranges import Natural

if TYPE_CHECKING:
    from runner.datasets.splits import Images, Labels

Row = Annotated[list[float | int | str], Field(min_length=2)]
Rows = Annotated[list[Row], Field(min_length=1)]


def inline_table(*, train: Rows, test: Rows, classes: list[str]) -> Source:
    """Describe a table whose rows stand in the YAML: features, and last the name of the class.

    Args:
        train: rows to train on.
        test: rows to test on.
        classes: names of the classes in the order of the labels.
    """

    def read(paths: list[Path]) -> Arrays:
        del paths
        return Arrays(*_parse("train", train, classes), *_parse("test", test, classes))

    return Source([], read)


def zipped_tables(
    *,
    archive: str,
    members: Annotated[list[str], Field(min_length=4, max_length=4)],
    digests: dict[ArrayName, Sha256] | None = None,
    columns: Annotated[list[Natural], Field(min_length=1)] | None = None,
    origin: str | None = None,
) -> Source:
    """Describe a table kept as text in a zip archive, read without unpacking it.

    Each member begins with a line "rows columns".

    Args:
        archive: relative to a searched directory.
        members: names of those that hold x_train, y_train, x_test and y_test.
        digests: SHA-256 of the decoded arrays: float32 features, labels as bytes.
        columns: the features that are used, the first being 0; None is all of them.
        origin: where people get the archive.
    """

    def read(paths: list[Path]) -> Arrays:
        from runner.datasets.zipped import read_matrices  # imports numpy

        x_train, y_train, x_test, y_test = read_matrices(paths[0], members)
        return Arrays(x_train.features(), y_train.labels(), x_test.features(), y_test.labels())

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
        origin=origin,
        prepare=prepare if columns else None,
    )


def _parse(part: str, rows: Sequence[Row], classes: list[str]) -> "tuple[Images, Labels]":
    import numpy as np

    for number, row in enumerate(rows):
        wrong = [value for value in row[:-1] if isinstance(value, str)]
        if wrong or row[-1] not in classes or len(row) != len(rows[0]):
            raise DataError(
                f"dataset.source.{part}: row {number} is {row}, expected "
                f"{len(rows[0]) - 1} numbers and last one of {', '.join(classes)}"
            )
    features = np.array([row[:-1] for row in rows], np.float32)
    return features, np.array([classes.index(str(row[-1])) for row in rows], np.int64)
