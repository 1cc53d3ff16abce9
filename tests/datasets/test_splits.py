"""How the loader splits images off for validation, and tells the splits apart."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from runner.base.errors import ConfigurationError
from runner.config.dataset_config import DatasetConfig
from runner.datasets import loader
from runner.datasets.loader import split_dataset
from runner.datasets.source import Arrays

Configure = Callable[..., DatasetConfig]


def test_what_is_fitted_on_keeps_its_labels(arrays: Arrays, toy_config: Configure) -> None:
    config = toy_config(validation_fraction=0.25)
    train, validation = split_dataset(config, arrays.x_train, arrays.y_train, config.task())
    assert validation is not None
    parts = np.concatenate([train.images, validation.images])
    labels = np.concatenate([train.labels, validation.labels])
    stored = {x.tobytes(): y for x, y in zip(arrays.x_train, arrays.y_train, strict=True)}
    assert [stored[x.tobytes()] for x in parts] == labels.tolist()


@pytest.mark.parametrize(
    ("shape", "size", "message"),
    [
        (
            [4, 5, 1],
            None,
            "toy: its 3 training images show no few, rare; add some, or correct the names of the "
            "classes",
        ),
        (
            [20],
            None,
            "toy: its 3 training rows show no few, rare; add some, or correct the names of the "
            "classes",
        ),
        (
            [4, 5, 1],
            3,
            "dataset.train_size=3: the first 3 training images show no few, rare; choose more",
        ),
    ],
)
def test_classes_without_an_image_are_named(
    shape: list[int], size: int | None, message: str, arrays: Arrays, toy_config: Configure
) -> None:
    names = {"en": ["many", "few", "rare"]}
    config = toy_config(shape=shape, class_names=names, train_images=3)
    config = replace(config, train_size=size)
    with pytest.raises(ConfigurationError, match=f"^{re.escape(message)}$"):
        split_dataset(config, arrays.x_train[:3], arrays.y_train[:3], config.task())


def test_rows_that_cannot_be_split_are_counted_without_classes(toy_config: Configure) -> None:
    config = toy_config(class_names=None, output_names={"en": ["y"]}, shape=[1], train_images=1)
    config = replace(config, validation_fraction=0.6)
    values = np.zeros((1, 1), np.float32)
    with pytest.raises(
        ConfigurationError, match=r"=0\.6: cannot split 1 rows: 1 and 0 are too"
    ) as raised:
        split_dataset(config, values, values, config.task())
    assert "class" not in str(raised.value)


def test_examples_are_told_apart_by_where_they_come_from(
    arrays: Arrays, toy_config: Configure
) -> None:
    digests = {name: name for name in arrays.named()}
    decoded = replace(arrays, origins={"x_train": "the same pictures"})
    of = {
        loader._examples(config, found, digests, name)
        for config in (toy_config(), toy_config(relabel={0: 0, 1: 1}))
        for found in (arrays, decoded)
        for name in ("x_train", "x_test")
    }
    assert len(of) == 6  # test images have no other origin
