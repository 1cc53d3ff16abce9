"""Small data sets, and a home of their own for every test."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from building import BASE

from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog, file_search
from runner.datasets.source import Arrays

from .toy import LAYOUT, SIZES, Array, sha256


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the real home, nor what is installed on the machine."""
    directory = tmp_path / "home"
    directory.mkdir()
    monkeypatch.setenv("HOME", str(directory))
    monkeypatch.setenv("XDG_CACHE_HOME", str(directory / "cache"))
    monkeypatch.delenv("RUNNER_DATA", raising=False)
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setattr(file_search, "DEBIAN", tmp_path / "debian")
    return directory


@pytest.fixture
def toy() -> dict[str, Array]:
    """Forty training and ten test images of 4 x 5 pixels in two classes, three to one."""
    random = np.random.default_rng(0)
    arrays = {}
    for split, size in SIZES.items():
        arrays[f"x_{split}"] = random.integers(0, 256, (size, 4, 5), np.uint8)
        arrays[f"y_{split}"] = np.array([int(i % 4 == 3) for i in range(size)], np.uint8)
    return arrays


@pytest.fixture
def arrays(toy: dict[str, Array]) -> Arrays:
    """The toy data set, decoded, with six images and labels for validation."""
    x = {name: array[..., None] for name, array in toy.items() if name[0] == "x"}
    y = {name: array.astype(np.int64) for name, array in toy.items() if name[0] == "y"}
    return Arrays(
        x["x_train"], y["y_train"], x["x_test"], y["y_test"], x["x_test"][:6], y["y_test"][:6]
    )


@pytest.fixture
def toy_config(toy: dict[str, Array]) -> Callable[..., DatasetConfig]:
    """Return a function that configures the toy data set, with changes."""

    def configure(**changes: Any) -> DatasetConfig:
        source = {
            "_target_": "runner.datasets.array_files.array_files",
            "layouts": changes.pop("layouts", [["toy.npz"], LAYOUT]),
            "digests": changes.pop("digests", {name: sha256(a) for name, a in toy.items()}),
            "download": changes.pop("download", None),
        }
        node = {
            "name": "toy",
            "title": "Toy",
            "shape": [4, 5, 1],
            "class_names": {"en": ["many", "few"], "pt": ["muitos", "poucos"]},
            "train_images": SIZES["train"],
            "test_images": SIZES["test"],
            "source": source,
        }
        return parse_dataset(BASE | node | changes)

    return configure


@pytest.fixture
def configured() -> Callable[..., DatasetConfig]:
    """Return a function that gives a data set of conf/dataset, with changes."""

    def configure(name: str, **changes: Any) -> DatasetConfig:
        return replace(catalog.configured(name), **changes)

    return configure
