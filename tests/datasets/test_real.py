"""The data sets of conf/dataset, on their real files."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runner import datasets
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog, file_search

Configure = Callable[..., DatasetConfig]
SHARED = os.environ.get("RUNNER_DATA")  # before the fixtures hide it
FASHION_DIGEST = "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012"


@pytest.mark.parametrize("name", ["mnist", "fashion"])
def test_embedded_data_sets_load_without_network(name: str, configured: Configure) -> None:
    data = datasets.load(configured(name))
    assert data.name == name
    assert data.train.images.shape == (60_000, 28, 28, 1)
    assert data.test.images.shape == (10_000, 28, 28, 1)
    assert data.train.images.dtype == np.uint8
    assert data.test.labels.dtype == np.int64
    assert data.validation is None
    assert data.classes == 10


def test_digests_are_those_of_the_stored_arrays(configured: Configure) -> None:
    assert datasets.load(configured("fashion")).digests["x_train"] == FASHION_DIGEST
    assert datasets.load(configured("pullover-binary")).digests["x_train"] == FASHION_DIGEST


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA names no directory with KMNIST")
def test_kmnist_is_found_in_runner_data(
    configured: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNNER_DATA", str(SHARED))
    data = datasets.load(configured("kmnist"))
    assert data.train.images.shape == (60_000, 28, 28, 1)
    assert np.bincount(data.test.labels).tolist() == [1000] * 10


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA names no directory with KMNIST")
def test_kmnist_is_found_in_the_very_directory_data_dir_names(configured: Configure) -> None:
    data = datasets.load(configured("kmnist", data_dir=str(Path(str(SHARED)) / "kmnist")))
    assert len(data.test) == 10_000


def test_5_vs_6_is_the_digits_5_and_6_of_mnist_in_their_order(configured: Configure) -> None:
    view, mnist = datasets.load(configured("5-vs-6")), datasets.load(configured("mnist"))
    assert view.name == "5-vs-6"
    assert view.class_names == ["5", "6"]
    assert (len(view.train), len(view.test)) == (11_339, 1_850)
    chosen = np.isin(mnist.test.labels, [5, 6])
    np.testing.assert_array_equal(view.test.images, mnist.test.images[chosen])
    np.testing.assert_array_equal(view.test.labels == 1, mnist.test.labels[chosen] == 6)
    assert np.bincount(view.train.labels).tolist() == [5_421, 5_918]


def test_pullover_binary_is_all_of_fashion_with_pullovers_as_1(configured: Configure) -> None:
    view, fashion = (
        datasets.load(configured("pullover-binary")),
        datasets.load(configured("fashion")),
    )
    np.testing.assert_array_equal(view.train.images, fashion.train.images)
    pullover = fashion.class_names.index("Pullover")
    np.testing.assert_array_equal(view.test.labels == 1, fashion.test.labels == pullover)
    assert np.bincount(view.train.labels).tolist() == [54_000, 6_000]
    assert view.class_names == ["other", "Pullover"]


def test_class_names_come_in_the_language_asked_for(configured: Configure) -> None:
    assert datasets.load(configured("fashion"), "pt").class_names[2] == "Pulôver"


def test_every_yaml_names_each_class_once_in_both_languages() -> None:
    for name in catalog.names():
        config = catalog.configured(name)
        assert config.name == name
        named = config.class_names or config.output_names or config.label_names or {}
        assert {len(set(names)) for names in named.values()} == {len(config.task().names)}
        assert set(named) == {"en", "pt"}


def test_stratified_validation_of_real_data(configured: Configure) -> None:
    data = datasets.load(configured("mnist", train_size=6_000, validation_fraction=0.1))
    assert data.validation is not None
    assert (len(data.train), len(data.validation), len(data.test)) == (5_400, 600, 10_000)
    shares = np.bincount(data.validation.labels) / np.bincount(data.train.labels)
    assert shares == pytest.approx(1 / 9, abs=0.01)


def test_debians_package_has_the_layout_the_yaml_names(
    configured: Configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(file_search, "EMBEDDED", tmp_path / "empty")
    directory = file_search.DEBIAN / "fashion-mnist"
    directory.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (directory / f"{name}-ubyte.gz").touch()
    found = file_search.find_files(configured("fashion").source())
    assert found is not None
    assert {path.parent for path in found} == {directory}
