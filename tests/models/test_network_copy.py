"""Copies of saved networks without their optimizers."""

import random
from pathlib import Path

import keras
import numpy as np
import pytest

from runner.base.errors import DataError
from runner.models.network_copy import without_optimizer
from runner.models.network_digest import network_digest, weights_digest


def trained(folder: Path) -> Path:
    layers = [keras.layers.Dense(3), keras.layers.Dropout(0.5)]
    network = keras.Sequential([keras.Input((2,)), *layers])
    network.compile("adam", "mse")
    network.fit(np.zeros((4, 2)), np.zeros((4, 3)), verbose=0)
    network.save(folder / "model.keras")
    return folder / "model.keras"


def test_a_copy_is_what_keras_saves_of_a_network_that_was_not_compiled(tmp_path: Path) -> None:
    stored, copy, again = (tmp_path / f"{name}.keras" for name in ("model", "copy", "again"))
    trained(tmp_path)
    state = random.getstate()
    copy.write_bytes(without_optimizer(stored))
    assert random.getstate() == state  # a training that goes on draws from it
    network = keras.models.load_model(copy)
    assert not network.compiled
    network.save(again)
    assert network_digest(copy) == network_digest(again) != network_digest(stored)
    assert weights_digest(copy) == weights_digest(stored)


def test_a_damaged_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"model.keras: it is damaged"):
        without_optimizer(path)
