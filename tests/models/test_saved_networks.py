"""Networks in files: they load in safe mode, and a mere file gets what it lacks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from built_networks import built, noise

from runner.base.errors import DataError
from runner.config.run_config import CONF, Config
from runner.datasets.splits import Dataset
from runner.models import saved_networks

Configure = Callable[..., Config]
TRANSFER = ("model=mobilenet",)
BACKBONES = ("inception-resnet-v2", "mobilenet")


def all_models() -> list[tuple[str, ...]]:
    names = sorted(path.stem for path in (CONF / "model").glob("*.yaml"))
    plain = [(f"model={name}",) for name in names if name not in BACKBONES]
    adapted = ("model=lenet", "model.normalization=adapted")
    return [*plain, adapted, (*TRANSFER, "model.weights=null")]


@pytest.mark.parametrize("overrides", all_models(), ids=" ".join)
def test_a_saved_network_loads_in_safe_mode_and_predicts_the_same(
    overrides: tuple[str, ...], configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    model = built(configure(*overrides), digits.train)
    images = digits.test.images[:5].astype(np.float32)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(loaded(images)), np.asarray(model(images)))


@pytest.mark.parametrize(("dataset", "outputs"), [("mnist", 10), ("5-vs-6", 1)])
def test_a_mere_file_of_logits_gets_the_probabilities_it_lacks(
    dataset: str, outputs: int, configure: Configure
) -> None:
    pixels = keras.Input((28, 28, 1))
    values = keras.layers.Dense(outputs)(keras.layers.Flatten()(pixels))
    network, task = keras.Model(pixels, values), configure(f"dataset={dataset}").dataset.task()
    images = noise(28, 28, 1) / 255
    logits = network(images)
    expected = keras.ops.sigmoid(logits) if outputs == 1 else keras.ops.softmax(logits)
    found = saved_networks.giving_probabilities(network, task)
    np.testing.assert_allclose(np.asarray(found(images)), np.asarray(expected), atol=1e-6)
    assert saved_networks.giving_probabilities(found, task) is found


@pytest.mark.parametrize("shape", [(28, 28, 1), (28, 28), (784,)])
@pytest.mark.parametrize("scale", ["unit", "inverted", "none"])
def test_pixels_are_scaled_and_shaped_as_a_network_expects(
    shape: tuple[int, ...], scale: Any
) -> None:
    head = [keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    network = keras.Sequential([keras.layers.Input(shape), *head])
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28, 1)).astype(np.float32)
    expected: Any = {"unit": images / 255, "inverted": 0.5 - images / 255, "none": images}[scale]
    taking = saved_networks.taking_pixels(network, (28, 28, 1), scale, "file")
    np.testing.assert_allclose(
        taking.predict(images, verbose=0),
        network.predict(expected.reshape(5, *shape), verbose=0),
        atol=1e-5,
    )


def test_what_no_hdf5_file_can_be_loaded_with_is_not_saved_as_one(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    options = ("model=resnet", "model.depth=8", "model.shake_shake=true")
    built(configure(*options), digits.train).save(tmp_path / "model.keras")
    (tmp_path / "out.h5").write_text("before")
    with pytest.raises(DataError, match=r"out\.h5: HDF5 .*_shake.*choose a name that ends in"):
        saved_networks.save_network(tmp_path / "model.keras", tmp_path / "out.h5")
    assert (tmp_path / "out.h5").read_text() == "before"
    saved_networks.save_network(tmp_path / "model.keras", tmp_path / "out.keras")
    assert saved_networks.load_network(tmp_path / "out.keras").name == "resnet"
