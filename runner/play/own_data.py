"""Data of one's own that the page can train on: a folder of pictures, or a table in a CSV file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runner.base.errors import ConfigurationError, DataError
from runner.config import composition
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.config.own_path import check_path

_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")
"""A path that Hydra takes without quotes."""

_OF_FOLDERS, _OF_FILES = ("folder",), ("csv", "csv-regression")


@dataclass(frozen=True)
class OwnData:
    """A folder or file that the command line names; a browser can name none.

    Attributes:
        path: of it, absolute.
        datasets: what it can be read as: configurations by the names that `dataset=` takes.
    """

    path: Path
    datasets: Mapping[str, DatasetConfig]


def own_data(path: Path) -> OwnData:
    """Return what a folder or file can be read as.

    Raises:
        ConfigurationError: it is not there, or neither holds pictures of classes nor a table.
        DataError: it is damaged.
    """
    path = path.expanduser().absolute()
    if not path.exists():
        raise ConfigurationError(
            f"--data {path}: there is no such file or folder; expected a folder that holds a "
            "folder of pictures for each class, or a CSV file"
        )
    read: dict[str, DatasetConfig] = {}
    refused: list[ConfigurationError | DataError] = []
    for name in _OF_FOLDERS if path.is_dir() else _OF_FILES:
        try:
            read[name] = _configuration(name, path)
        except (ConfigurationError, DataError) as error:
            refused.append(error)
    if not read:
        raise refused[0]
    return OwnData(path, read)


def dataset_overrides(name: str, own: OwnData | None) -> list[str]:
    """Return what the command line says of a data set, with the path of one's own."""
    if own is None or name not in own.datasets:
        return [f"dataset={name}"]
    return _overrides(name, own.path)


def _configuration(name: str, path: Path) -> DatasetConfig:
    config = parse_dataset(composition.compose_plain(_overrides(name, path))["dataset"])
    check_path(config)
    return config


def _overrides(name: str, path: Path) -> list[str]:
    word = str(path)
    if not _PLAIN.fullmatch(word):
        word = "'" + word.replace("'", r"\'") + "'"
    return [f"dataset={name}", f"dataset.path={word}"]
