"""Networks in files: they load in safe mode, and a mere file gets what it lacks."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from built_networks import built, noise

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
