"""Tables of numbers to predict: in YAML, in an archive, split, and what is refused."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import BASE

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.base.tasks import Regression
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig


def config_of(rows: list[list[float]], **changes: Any) -> DatasetConfig:
    target = "runner.datasets.tables.inline_table"
    node = {
        "name": "toy",
        "title": "Toy",
        "shape": [1],
        "output_names": {"en": ["sum", "difference"]},
        "train_images": None,
        "test_images": None,
        "source": {"_target_": target, "outputs": 2, "train": rows, "test": rows[:1]},
    }
    return parse_dataset(BASE | node | changes)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([1, 2], r"row 1 is \[1, 2\], expected 3 numbers, the last 2 the targets"),
        ([1, 2, "three"], "row 1 is"),
        ([1, 2, float("inf")], "some training targets are not finite"),
    ],
)
def test_a_wrong_row_is_named(row: list[Any], message: str) -> None:
    target = "runner.datasets.tables.inline_table"
    source = {"_target_": target, "outputs": 2, "train": [[1, 2, 3], row], "test": [[1, 2, 3]]}
    with pytest.raises(DataError, match=message):
        datasets.load(config_of([], source=source))


def test_as_many_names_as_numbers_are_expected() -> None:
    config = config_of([[1.0, 2.0, 3.0]], output_names={"en": ["only"]})
    with pytest.raises(DataError, match=r"names 1 output, its training targets have .*\(1, 2\)"):
        datasets.load(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class_names": {"en": ["a", "b"]}}, "got both"),
        ({"output_names": None}, "got neither"),
        ({"relabel": {0: 1}}, "relabel: toy has no classes"),
    ],
)
def test_either_classes_or_numbers_are_told(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        config_of([[1.0, 2.0, 3.0]], **changes)


def test_rows_are_split_without_regard_to_classes() -> None:
    rows = [[float(n), n + 1.0, n - 1.0] for n in range(10)]
    data = datasets.load(config_of(rows, validation_fraction=0.2))
    assert data.validation is not None
    assert (len(data.train), len(data.validation)) == (8, 2)
    both = np.concatenate([data.train.numbers, data.validation.numbers])
    np.testing.assert_array_equal(np.sort(both[:, 0]), np.arange(1, 11))
    with pytest.raises(ConfigurationError, match="too few for 2 outputs"):
        datasets.load(config_of(rows, validation_fraction=0.01))


def test_numbers_are_read_from_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path))
    texts = {"ax": "2 1\n1 2\n", "ay": "2 2\n0.5 1\n1.5 -2\n", "qx": "1 1\n3\n", "qy": "1 2\n1 2\n"}
    with zipfile.ZipFile(tmp_path / "toy.zip", "w") as file:
        for name, text in texts.items():
            file.writestr(name, text)
    target = "runner.datasets.tables.zipped_tables"
    files = {"archive": "toy.zip", "members": list(texts)}
    source = {"_target_": target, "columns": None, "numbers": True} | files
    data = datasets.load(config_of([], source=source))
    assert data.train.numbers.tolist() == [[0.5, 1], [1.5, -2]]
    assert data.task == Regression(["sum", "difference"])
