"""What the loader checks of decoded arrays, each function by itself."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner.base.errors import DataError
from runner.config.component import Component
from runner.config.dataset_config import DatasetConfig
from runner.datasets import verification
from runner.datasets.loader import load_dataset, read_dataset, relabel
from runner.datasets.source import Arrays, Source
from runner.datasets.verification import (
    array_digest,
    check_declared,
    check_shapes,
    read_verified,
)

from .toy import Array, save_npz

Configure = Callable[..., DatasetConfig]
Toy = dict[str, Array]


def test_validation_images_are_relabeled_too(arrays: Arrays) -> None:
    found = relabel(arrays, {1: 7, 0: 3})
    for name in ("y_train", "y_test", "y_validation"):
        before, after = getattr(arrays, name), getattr(found, name)
        np.testing.assert_array_equal(after, np.where(before == 1, 7, 3))
        assert after.dtype == np.int64
    np.testing.assert_array_equal(found.x_validation, arrays.x_validation)
    few = relabel(arrays, {1: 0}).named()
    assert few["y_validation"].tolist() == [0]
    np.testing.assert_array_equal(few["x_validation"], arrays.x_test[3:4])
    without = relabel(replace(arrays, x_validation=None, y_validation=None), {1: 0})
    assert set(without.named()) == {"x_train", "y_train", "x_test", "y_test"}
    assert relabel(arrays, None) is arrays


# --- what the YAML declares ------------------------------------------------------------------


def test_arrays_that_are_as_declared_pass(arrays: Arrays, toy_config: Configure) -> None:
    check_declared(toy_config(), arrays)
    open_ended = toy_config(train_images=None, test_images=None, validation_fraction=0.1)
    check_declared(open_ended, arrays)
    one = replace(arrays, x_test=arrays.x_test[:1], y_test=arrays.y_test[:1])
    check_declared(open_ended, one)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"x_train": slice(39)},
            "toy: its YAML declares 40 training images, its files hold 39 images and 40 labels",
        ),
        (
            {"y_test": slice(9)},
            "toy: its YAML declares 10 test images, its files hold 10 images and 9 labels",
        ),
        (
            {"x_validation": slice(5)},
            "toy: its YAML declares None validation images, its files hold 5 images and 6 labels",
        ),
        (
            {"x_validation": (slice(None), slice(3))},
            "toy: its YAML declares validation images of shape (4, 5, 1), its files hold (3, 5, 1)",
        ),
        (
            {"x_validation": slice(0), "y_validation": slice(0)},
            "toy: its files hold no validation images",
        ),
    ],
)
def test_arrays_that_are_not_as_declared_are_named(
    changes: dict[str, Any], message: str, arrays: Arrays, toy_config: Configure
) -> None:
    changed = {name: getattr(arrays, name)[part] for name, part in changes.items()}
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        check_declared(toy_config(), replace(arrays, **changed))


def test_the_row_of_a_table_that_is_not_finite_is_named(
    arrays: Arrays, toy_config: Configure
) -> None:
    table = toy_config(shape=[20])
    rows = {
        name: getattr(arrays, name).reshape(-1, 20).astype(np.float32)
        for name in ("x_train", "x_test", "x_validation")
    }
    check_declared(table, replace(arrays, **rows))
    rows["x_test"][7, 2] = np.inf
    with pytest.raises(DataError, match=r"^toy: row 7 of its test features is not finite: \[.*inf"):
        check_declared(table, replace(arrays, **rows))


def test_a_source_is_told_whether_to_trust_what_it_cached(arrays: Arrays, tmp_path: Path) -> None:
    told: list[bool] = []

    def read(paths: list[Path], trust: bool) -> Arrays:
        told.append(trust)
        return arrays

    path = save_npz(tmp_path / "a.npz", {})
    for trust in ((), (True,), (False,)):
        read_verified(Source([["a.npz"]], read), [path], *trust)
    assert told == [True, True, False]


def test_a_second_data_set_is_remembered_beside_the_first(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [save_npz(tmp_path / name / "toy.npz", toy) for name in "ab"]
    for path in paths:
        read_verified(toy_config().source(), [path])
    computed: list[Any] = []
    monkeypatch.setattr(verification, "array_digest", computed.append)
    for path in paths:
        read_verified(toy_config().source(), [path])
    assert not computed


def test_another_file_of_the_same_size_and_time_is_not_trusted(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    right = save_npz(tmp_path / "right/toy.npz", toy)
    source = toy_config().source()
    os.utime(right, ns=(1, 1))
    read_verified(source, [right])
    wrong = tmp_path / "wrong/toy.npz"
    wrong.parent.mkdir()
    arrays: dict[str, Any] = dict(toy)
    np.savez(wrong, **arrays)  # is not compressed: as large, whatever it holds
    arrays["x_test"][0, 0, 0] ^= 1
    np.savez(right, **arrays)
    assert right.stat().st_size == wrong.stat().st_size
    for path in (right, wrong):
        os.utime(path, ns=(2, 2))
    read_verified(source, [wrong])
    with pytest.raises(DataError, match="the SHA-256 of x_test is"):
        read_verified(source, [right])


def test_data_are_read_without_trust_where_that_is_asked_for(
    toy: Toy, toy_config: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, config = save_npz(tmp_path / "toy.npz", toy), toy_config()
    read_dataset(config, [path])
    computed: list[Any] = []

    def noted(array: Any) -> str:
        computed.append(array)
        return ""

    monkeypatch.setattr(verification, "array_digest", noted)
    read_dataset(config, [path])
    assert not computed
    with pytest.raises(DataError, match="SHA-256"):
        read_dataset(config, [path], trust=False)
    assert len(computed) == 4


def test_the_digest_of_numbers_is_of_bytes_where_they_fit_and_of_them_otherwise() -> None:
    whole = np.array([0, 255])
    assert array_digest(whole) == array_digest(whole.astype(np.uint8))
    assert array_digest(whole + 1) != array_digest((whole + 1).astype(np.uint8))
    assert array_digest(whole - 1) != array_digest((whole - 1).astype(np.uint8))
    halves, quarters = np.array([0.5, 0.25], np.float32), np.array([0.25, 0.125], np.float32)
    assert array_digest(halves) != array_digest(quarters)
    assert array_digest(halves) != array_digest(halves.astype(np.uint8))
    assert array_digest(np.zeros((0, 2), np.float32)) == array_digest(np.zeros(0, np.uint8))


def test_labels_in_a_column_are_counted_by_their_rows(toy_config: Configure) -> None:
    shapes = {"x_train": (39, 4, 5, 1), "y_train": (40, 1), "x_test": (10, 4, 5, 1), "y_test": ()}
    with pytest.raises(DataError, match="40 training images, its files hold 39 images and 40 l"):
        check_shapes(toy_config(), shapes)
    shapes |= {"x_train": (40, 4, 5, 1)}
    with pytest.raises(DataError, match="10 test images, its files hold 10 images and 0 labels"):
        check_shapes(toy_config(), shapes)


# --- the whole data set ----------------------------------------------------------------------


def test_a_data_set_is_put_together_of_what_its_source_gives(
    arrays: Arrays, toy_config: Configure
) -> None:
    def inverted(found: Arrays) -> Arrays:
        return replace(found, x_test=255 - found.x_test)

    def source() -> Source:
        return Source([], lambda *_: arrays, prepare=inverted, has_validation=True)

    open_ended = toy_config(train_images=None, test_images=None)
    config = replace(open_ended, source=Component(source, {}))
    data = load_dataset(config, "pt")
    assert (data.name, data.task.names) == ("toy", ["muitos", "poucos"])
    assert load_dataset(config).task.names == ["many", "few"]
    assert data.validation is not None
    for split, images, labels in (
        (data.train, arrays.x_train, arrays.y_train),
        (data.validation, arrays.x_validation, arrays.y_validation),
        (data.test, 255 - arrays.x_test, arrays.y_test),
    ):
        np.testing.assert_array_equal(split.images, images)
        np.testing.assert_array_equal(split.labels, labels)
    assert data.digests.keys() == arrays.named().keys()
    examples = [data.validation.examples, data.test.examples]
    assert [len(str(each)) for each in examples] == [64, 64]
    assert examples[0] != examples[1]


def test_images_are_counted_where_the_yaml_leaves_their_number_open(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    save_npz(tmp_path / "toy.npz", toy)
    config = toy_config(data_dir=str(tmp_path), train_images=None, validation_fraction=0.25)
    data = load_dataset(config)
    assert data.validation is not None
    assert (len(data.train), len(data.validation)) == (30, 10)
