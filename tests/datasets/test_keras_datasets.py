"""CIFAR-10 and the like: color images, labels in a column, arrays of any key names, from Keras."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from building import BASE

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog, file_search
from runner.datasets.__main__ import main

from .toy import save_npz, sha256

Loaded = tuple[tuple[Any, Any], tuple[Any, Any]]


def part(count: int) -> tuple[Any, Any]:
    images = np.random.default_rng(count).integers(0, 256, (count, 32, 32, 3), np.uint8)
    return images, (np.arange(count, dtype=np.uint8) % 10)[:, np.newaxis]


PHOTOGRAPHS: Loaded = (part(50), part(20))


def configure(source: dict[str, Any], **changes: Any) -> DatasetConfig:
    """CIFAR-10 as its file has it, with fewer images."""
    cifar = catalog.configured("cifar10")
    node = {
        "name": "cifar10",
        "title": cifar.title,
        "shape": [32, 32, 3],
        "class_names": cifar.class_names,
        "train_images": 50,
        "test_images": 20,
        "source": source,
    }
    return parse_dataset(BASE | node | changes)


def from_keras(name: str = "cifar10", **changes: Any) -> DatasetConfig:
    target = "runner.datasets.keras_datasets.keras_dataset"
    return configure({"_target_": target, "name": name}, **changes)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is loaded by Keras, which has CIFAR-10 at hand."""
    loaded: list[str] = []

    def load_data() -> Loaded:
        loaded.append("cifar10")
        return PHOTOGRAPHS

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", load_data)
    return loaded


def failing(reason: str) -> Callable[[], Loaded]:
    def load_data() -> Loaded:
        raise Exception(reason)

    return load_data


# --- of Keras ----------------------------------------------------------------------------------


def test_keras_loads_it_once_and_its_file_may_be_copied(
    calls: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        data = datasets.load(from_keras())
    assert calls == ["cifar10"]
    (x_train, y_train), (x_test, y_test) = PHOTOGRAPHS
    np.testing.assert_array_equal(data.train.images, x_train)
    np.testing.assert_array_equal(data.test.images, x_test)
    assert data.train.labels.tolist() == y_train[:, 0].tolist()
    assert data.test.labels.dtype == np.int64
    assert data.digests["y_test"] == sha256(y_test)
    path = file_search.downloads() / "cifar10.npz"
    path.rename(tmp_path / "cifar10.npz")
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path))
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", failing("offline"))
    np.testing.assert_array_equal(datasets.load(from_keras()).test.labels, data.test.labels)


def test_a_file_in_the_cache_of_keras_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.datasets.mnist, "load_data", failing("is not needed"))
    (x_train, y_train), (x_test, y_test) = PHOTOGRAPHS
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    path = save_npz(tmp_path / "datasets/mnist.npz", arrays)
    monkeypatch.setattr(file_search, "EMBEDDED", tmp_path / "nothing")
    assert file_search.find_files(from_keras("mnist").source()) == [path]
    assert len(datasets.load(from_keras("mnist")).train) == 50


def test_without_internet_it_is_said_where_the_file_belongs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reason = "URL fetch failure on https://somewhere/cifar.tar.gz: None -- unknown\nhost"
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", failing(reason))
    with pytest.raises(DataError) as raised:
        datasets.load(from_keras())
    message = str(raised.value)
    assert "\n" not in message
    for words in ("cifar10 is not on this machine", "URL fetch failure on https://somewhere/"):
        assert words in message
    assert f"put cifar10.npz into {file_search.downloads()}" in message
    assert not list(file_search.downloads().glob("*.npz"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cifar11", r"name=cifar11: keras.datasets has no such data set; did you mean cifar1"),
        ("imdb", "keras.datasets.imdb holds no images"),
        ("reuters", r"cannot be decoded|expected images, uint8"),
    ],
)
def test_what_is_no_image_data_set_of_keras_is_refused(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = (np.array([[1], [1, 2]], object), np.array([0, 1]))
    rows = (np.zeros((4, 13)), np.zeros(4))
    monkeypatch.setattr(keras.datasets.imdb, "load_data", lambda: (words, words))
    monkeypatch.setattr(keras.datasets.reuters, "load_data", lambda: (rows, rows))
    with pytest.raises((ConfigurationError, DataError), match=message):
        datasets.load(from_keras(name))


def test_other_content_than_declared_is_not_stored(calls: list[str]) -> None:
    config = from_keras()
    config.source.options["digests"] = {"y_train": "0" * 64}
    with pytest.raises(DataError, match="expected 0000"):
        datasets.load(config)
    assert calls
    assert {path.suffix for path in file_search.downloads().iterdir()} == {".lock"}


def test_the_commands_know_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", failing("offline"))
    assert main(["list"]) == 0
    assert re.search(r"cifar10 +CIFAR-10", capsys.readouterr().out)
    assert main(["verify"]) == 0
    assert "cifar10: not on this machine" in capsys.readouterr().out
    assert main(["fetch", "cifar10"]) == 1
    assert "keras.datasets.cifar10 cannot be loaded: offline" in capsys.readouterr().err


# --- arrays of any key names -------------------------------------------------------------------


def test_an_npz_of_other_names_is_one_option_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path))
    (x_train, y_train), (x_test, y_test) = PHOTOGRAPHS
    arrays = {"train_images": x_train, "train_labels": y_train.astype(np.int32)}
    save_npz(tmp_path / "photos.npz", arrays | {"test_images": x_test, "y_test": y_test})
    keys = {"x_train": "train_images", "y_train": "train_labels", "x_test": "test_images"}
    source = {"_target_": "runner.datasets.array_files.array_files", "layouts": [["photos.npz"]]}
    data = datasets.load(configure(source | {"keys": keys}))
    np.testing.assert_array_equal(data.train.images, x_train)
    np.testing.assert_array_equal(data.train.labels, y_train[:, 0])
    with pytest.raises(DataError, match=r"expected x_train, .* got train_images, "):
        datasets.load(configure(source))
    wrong = keys | {"x_test": "test_image"}
    with pytest.raises(DataError, match=r"expected .*test_image, y_test, got train_images"):
        datasets.load(configure(source | {"keys": wrong}))
