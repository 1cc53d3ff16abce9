"""Search, verification, relabelling and splits, on a toy data set."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.config.dataset_config import DatasetConfig, OwnPictures
from runner.datasets import file_search, verification

from .toy import Array, save_layout, save_npz

Configure = Callable[..., DatasetConfig]
Toy = dict[str, Array]


def test_roots_are_searched_in_the_documented_order(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_search, "EMBEDDED", tmp_path / "embedded")
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path / "told"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    roots = [
        tmp_path / "told",
        tmp_path / "embedded",
        tmp_path / "home" / "cache" / "runner" / "datasets",
        tmp_path / "debian",
        tmp_path / "keras" / "datasets",
    ]
    expected = [save_npz(root / "toy.npz", toy) for root in roots]
    config = toy_config()
    for path in expected:
        assert file_search.find_files(config.source()) == [path]
        path.unlink()
    assert file_search.find_files(config.source()) is None


def test_data_dir_is_looked_into_and_no_other_place(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path / "told"))
    save_npz(tmp_path / "told" / "toy.npz", toy)
    path = save_npz(tmp_path / "mine" / "toy.npz", toy)
    config = toy_config(data_dir=str(path.parent))
    assert file_search.find_files(config.source(), config.data_dir) == [path]
    path.unlink()
    with pytest.raises(ConfigurationError) as raised:
        datasets.load(config)
    assert str(raised.value).startswith(f"dataset.data_dir={path.parent}: expected in it toy.npz, ")
    assert "\n" not in str(raised.value)


def test_without_variables_the_home_folder_is_searched(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert home / ".cache" / "runner" / "datasets" in file_search.roots()
    assert home / ".keras" / "datasets" in file_search.roots()


def test_an_incomplete_set_of_files_is_passed_over(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_layout(tmp_path, toy)[2].unlink()
    with pytest.raises(ConfigurationError, match="got no complete set"):
        file_search.find_files(toy_config().source(), str(tmp_path))
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path))
    assert file_search.find_files(toy_config().source()) is None


def test_files_of_one_data_set_may_lie_in_data_dir_itself(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    save_layout(tmp_path, toy)
    assert len(datasets.load(toy_config(data_dir=str(tmp_path / "toy"))).train) == 40


def test_a_data_dir_that_is_not_there_is_said(toy_config: Configure, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"data_dir=.*nowhere: there is no such directory"):
        datasets.load(toy_config(data_dir=str(tmp_path / "nowhere")))


def test_missing_files_without_a_download_are_said_in_one_line(toy_config: Configure) -> None:
    with pytest.raises(DataError) as raised:
        datasets.load(toy_config())
    message = str(raised.value)
    assert "\n" not in message
    for part in (
        "toy is not on this machine",
        "toy.npz",
        "RUNNER_DATA",
        str(file_search.downloads()),
    ):
        assert part in message


def test_wrong_content_names_file_and_both_digests(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    config = toy_config(data_dir=str(tmp_path))
    expected = config.source().digests["x_test"]
    toy["x_test"][3, 2, 1] ^= 1
    paths = save_layout(tmp_path, toy)
    found = verification.array_digest(toy["x_test"])
    with pytest.raises(DataError, match=f"{paths[2]}.*x_test is {found}, expected {expected}"):
        datasets.load(config)
    save_npz(tmp_path / "toy.npz", toy)
    with pytest.raises(DataError, match=f"{tmp_path / 'toy.npz'}.*{found}"):
        datasets.load(config)


def test_digests_are_computed_once_for_an_unchanged_file(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, config = save_npz(tmp_path / "toy.npz", toy), toy_config(data_dir=str(tmp_path))
    first = datasets.load(config).digests
    calls: list[Any] = []
    monkeypatch.setattr(verification, "array_digest", calls.append)
    assert datasets.load(config).digests == first
    assert not calls
    os.utime(path, ns=(1, 1))
    with pytest.raises(DataError):  # computed anew, by what is no digest
        datasets.load(config)
    assert len(calls) == 4


def test_other_expected_digests_are_not_taken_as_verified(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    save_npz(tmp_path / "toy.npz", toy)
    datasets.load(toy_config(data_dir=str(tmp_path)))
    with pytest.raises(DataError, match="expected 0000"):
        datasets.load(toy_config(data_dir=str(tmp_path), digests={"y_train": "0" * 64}))


def test_all_digests_are_told_where_only_some_are_expected(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    save_npz(tmp_path / "toy.npz", toy)
    whole = toy_config().source().digests
    some = toy_config(data_dir=str(tmp_path), digests={"y_train": whole["y_train"]})
    for _ in range(2):  # computed, and where the file was found right before
        assert datasets.load(some).digests == whole


def test_a_home_that_cannot_be_written_is_no_error(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    save_npz(tmp_path / "toy.npz", toy)
    assert len(datasets.load(toy_config(data_dir=str(tmp_path))).digests) == 4


def test_digests_are_optional_and_then_computed(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    expected = toy_config().source().digests
    save_npz(tmp_path / "toy.npz", toy)
    assert datasets.load(toy_config(data_dir=str(tmp_path), digests=None)).digests == expected


def test_the_digest_of_labels_does_not_depend_on_their_type(toy: Toy) -> None:
    assert verification.array_digest(toy["y_train"].astype(np.int64)) == verification.array_digest(
        toy["y_train"]
    )
    assert verification.array_digest(np.array([300])) != verification.array_digest(
        np.array([300 - 256])
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train_images": 41}, "declares 41 training images, its files hold 40"),
        ({"test_images": 9}, "declares 9 test images, its files hold 10"),
        ({"shape": [5, 4, 1]}, r"declares training images of shape \(5, 4, 1\)"),
        ({"class_names": {"en": ["one"]}}, "names 1 classes, its training labels are 0 to 1"),
    ],
)
def test_what_the_yaml_declares_is_compared(
    changes: dict[str, Any], message: str, toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    save_npz(tmp_path / "toy.npz", toy)
    with pytest.raises(DataError, match=message):
        datasets.load(toy_config(data_dir=str(tmp_path), **changes))


@pytest.fixture
def load_toy(toy: Toy, toy_config: Configure, tmp_path: Path) -> Callable[..., Any]:
    save_npz(tmp_path / "toy.npz", toy)
    return lambda **changes: datasets.load(toy_config(data_dir=str(tmp_path), **changes))


def test_relabelling_exchanges_labels_and_leaves_images_in_order(
    toy: Toy, load_toy: Callable[..., Any]
) -> None:
    data = load_toy(relabel={1: 0, 0: 1})
    np.testing.assert_array_equal(data.train.labels, 1 - toy["y_train"])
    np.testing.assert_array_equal(data.train.images[..., 0], toy["x_train"])


def test_relabelling_leaves_out_what_it_does_not_name(
    toy: Toy, load_toy: Callable[..., Any]
) -> None:
    data = load_toy(relabel={1: 0}, class_names={"en": ["few"]}, train_images=10, test_images=2)
    np.testing.assert_array_equal(data.train.images[..., 0], toy["x_train"][3::4])


def test_train_size_takes_the_first_images_and_leaves_the_test_images(
    toy: Toy, load_toy: Callable[..., Any]
) -> None:
    data = load_toy(train_size=13)
    np.testing.assert_array_equal(data.train.images[..., 0], toy["x_train"][:13])
    np.testing.assert_array_equal(data.test.labels, toy["y_test"])


def test_a_train_size_without_one_class_is_refused(load_toy: Callable[..., Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"train_size=3: the first 3 .* show no few"):
        load_toy(train_size=3)


def test_validation_is_disjoint_complete_stratified_and_in_order(
    toy: Toy, load_toy: Callable[..., Any]
) -> None:
    data = load_toy(validation_fraction=0.2)
    assert np.bincount(data.validation.labels).tolist() == [6, 2]
    stored = [image.tobytes() for image in toy["x_train"]]
    fitted = [stored.index(image.tobytes()) for image in data.train.images]
    validation = [stored.index(image.tobytes()) for image in data.validation.images]
    assert sorted(fitted + validation) == list(range(40))
    assert fitted == sorted(fitted)
    assert validation == sorted(validation)
    np.testing.assert_array_equal(data.validation.labels, toy["y_train"][validation])


def test_validation_examples_are_told_apart(load_toy: Callable[..., Any]) -> None:
    splits: list[dict[str, Any]] = [
        {"validation_fraction": 0.2},
        {"validation_fraction": 0.4},
        {"validation_fraction": 0.2, "validation_seed": 1},
        {"validation_fraction": 0.2, "train_size": 30},
        {"validation_fraction": 0.2, "relabel": {0: 0, 1: 1, 2: 1}},
    ]
    told = [load_toy(**split).validation.examples for split in splits]
    assert len(set(told)) == len(told)
    assert load_toy(**splits[0]).validation.examples == told[0]


def test_the_validation_split_depends_on_its_seed_alone(load_toy: Callable[..., Any]) -> None:
    def images(seed: int) -> Any:
        return load_toy(validation_fraction=0.2, validation_seed=seed).validation.images

    np.testing.assert_array_equal(images(1), images(1))
    assert not np.array_equal(images(1), images(2))


def test_a_class_of_one_image_cannot_be_split(load_toy: Callable[..., Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"by class: class .* has 1, at least 2") as raised:
        load_toy(train_size=5, validation_fraction=0.4)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("background", "dark"), [("dark", True), ("light", False), (None, False)])
def test_what_the_background_of_gray_images_is_goes_with_them(
    toy: Toy, toy_config: Configure, tmp_path: Path, background: Any, dark: bool
) -> None:
    """Figures print those on dark ground as negatives, like digits, and no others."""
    save_npz(tmp_path / "toy.npz", toy)
    own = OwnPictures(background=background)
    config = replace(toy_config(data_dir=str(tmp_path)), own_pictures=own)
    assert datasets.load(config).dark is dark
