"""Pictures in folders: which are taken, in which order, and how they are split."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.datasets import picture_folders

from .dishes import SIDE, Configure, fill, gray, save, values


def test_labels_are_those_of_the_folders_and_classes_alternate(data: Path) -> None:
    folder = fill(data / "dishes", cups=4, plates=8)
    images, labels, _ = picture_folders.read_folder(
        folder, ["cups", "plates"], [SIDE, SIDE, 1], False
    )
    assert values(images) == [100, 0, 101, 102, 1, 103, 104, 2, 105, 106, 3, 107]
    np.testing.assert_array_equal(labels == 1, np.array(values(images)) >= 100)


def test_labels_follow_the_classes_not_the_alphabet(data: Path) -> None:
    folder = fill(data / "dishes")
    images, labels, _ = picture_folders.read_folder(
        folder, ["plates", "cups"], [SIDE, SIDE, 1], False
    )
    np.testing.assert_array_equal(labels == 0, np.array(values(images)) >= 100)
    again, relabeled, _ = picture_folders.read_folder(
        folder, ["cups", "plates"], [SIDE, SIDE, 1], False
    )
    np.testing.assert_array_equal(relabeled == 1, np.array(values(again)) >= 100)


def test_a_split_by_ratio_is_stratified_complete_and_depends_on_its_seed(
    data: Path, configure: Configure
) -> None:
    fill(data / "dishes", cups=8, plates=16)
    first, second = datasets.load(configure()), datasets.load(configure())
    assert np.bincount(first.test.labels).tolist() == [2, 4]
    train, test = values(first.train.images), values(first.test.images)
    assert sorted(train + test) == [*range(8), *range(100, 116)]
    assert values(second.test.images) == test
    assert values(datasets.load(configure(split_seed=1)).test.images) != test
    for part in (first.train, first.test):
        np.testing.assert_array_equal(part.labels == 1, np.array(values(part.images)) >= 100)


def test_a_split_by_folder_keeps_every_folder_to_itself(data: Path, configure: Configure) -> None:
    fill(data / "dishes" / "train")
    fill(data / "dishes" / "test", cups=2, plates=3)
    fill(data / "dishes" / "watch", cups=3, plates=1)
    folders = {"train": "dishes/train", "test": "dishes/test"}
    loaded = datasets.load(configure(**folders, validation="dishes/watch"))
    assert loaded.validation is not None
    assert [len(s) for s in (loaded.train, loaded.validation, loaded.test)] == [16, 4, 5]
    assert np.bincount(loaded.validation.labels).tolist() == [3, 1]
    assert set(loaded.digests) >= {"x_train", "x_validation", "y_test"}
    ratio = datasets.load(configure(**folders, validation_fraction=0.25))
    assert ratio.validation is not None
    assert (len(ratio.train), len(ratio.validation)) == (12, 4)
    with pytest.raises(ConfigurationError, match="validation images of its own"):
        configure(**folders, validation="dishes/watch", validation_fraction=0.25)


def test_the_first_images_are_a_fair_part_of_all(data: Path, configure: Configure) -> None:
    fill(data / "dishes")
    folders = {"train": "dishes", "test": "dishes"}
    loaded = datasets.load(configure(train_size=6, **folders))
    assert np.bincount(loaded.train.labels).tolist() == [3, 3]
    with pytest.raises(ConfigurationError, match="train_size=13: dishes has only 12"):
        datasets.load(configure(train_size=13))


def test_data_dir_may_be_the_folder_itself_whatever_its_name(
    tmp_path: Path, configure: Configure
) -> None:
    fill(tmp_path / "my own pictures")
    config = configure(data_dir=str(tmp_path / "my own pictures"))
    assert len(datasets.load(config).train) == 12


def test_a_folder_that_is_nowhere_is_said_with_its_origin(configure: Configure) -> None:
    with pytest.raises(DataError) as raised:
        datasets.load(configure(origin="get Dishes from https://dishes.example"))
    for part in ("dishes is not on this machine", "get Dishes from https", "RUNNER_DATA"):
        assert part in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_declared_number_is_compared(data: Path, configure: Configure) -> None:
    fill(data / "dishes")
    with pytest.raises(DataError, match="declares 13 training images, its files hold 12"):
        datasets.load(configure(train_images=13))


def test_examples_are_the_same_ones_at_any_size(data: Path, configure: Configure) -> None:
    fill(data / "dishes")

    def told(**source: Any) -> list[str]:
        loaded = datasets.load(configure(validation_fraction=0.5, **source))
        assert loaded.validation is not None
        return [loaded.test.examples, loaded.validation.examples]

    ratio, folders = told(), {"train": "dishes", "test": "dishes"}
    split = told(**folders)
    assert told() == told(shape=[8, 7, 3]) == ratio  # decoded, from the cache, and at another size
    assert told(**folders, shape=[8, 7, 3]) == split
    others = [told(split_seed=1), told(test_fraction=0.5), told(classes=["plates", "cups"])]
    for test, validation in [split, *others]:
        assert test != ratio[0]
        assert validation != ratio[1]
    assert len({*ratio, *split}) == 4
    save(gray(77), data / "dishes" / "cups" / "cup 03.png")
    assert told(**folders)[0] != split[0]
