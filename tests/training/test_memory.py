"""Too little memory: refused before it is taken, or said in one line."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from runner import models
from runner.base.device import Device
from runner.base.errors import ConfigurationError, TrainingError
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models import weight_memory
from runner.training.device_memory import naming_memory

Configure = Callable[..., Config]
CPU = Device(False, "a GPU", "a test")
BLANK = TrainSplit(np.zeros((4, 28, 28, 1), np.uint8), np.zeros(4, np.int64))


@pytest.mark.parametrize(
    "overrides",
    [
        ("model=dense", "model.hidden_units=[1000000000]"),
        ("model=lenet", "model.filters=[1000000000,2]"),
        ("model=vgg-3x3", "model.kernel_size=10000000"),
    ],
)
def test_a_network_without_room_is_refused_before_any_is_taken(
    overrides: tuple[str, ...], configure: Configure
) -> None:
    config = configure(*overrides)
    with pytest.raises(ConfigurationError) as raised:
        models.build_model(config.model, 10, BLANK)
    message = str(raised.value)
    assert message.startswith(f"{overrides[1]}: ".replace(",", ", "))
    assert "GB to train, and this machine has" in message
    assert "\n" not in message


def test_the_estimate_is_of_weights_gradients_and_moments(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure("model=dense", "model.hidden_units=[16]")
    weights = models.build_model(config.model, 10, BLANK).count_params()
    assert weights >= 784 * 16 + 16 + 16 * 10 + 10
    original = keras.layers.Layer.add_weight
    monkeypatch.setattr(weight_memory, "memory_limit", lambda: 16 * weights)
    assert models.build_model(config.model, 10, BLANK).count_params() == weights
    monkeypatch.setattr(weight_memory, "memory_limit", lambda: 16 * weights - 1)
    with pytest.raises(ConfigurationError, match=r"^model\.hidden_units=\[16\]: dense would have"):
        models.build_model(config.model, 10, BLANK)
    assert keras.layers.Layer.add_weight is original


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor\nwith shape[9]"),
        tf.errors.InternalError(None, None, "RESOURCE_EXHAUSTED: Out of memory while trying"),
    ],
)
def test_a_device_out_of_memory_names_the_batch_size(
    error: Exception, configure: Configure
) -> None:
    config = configure("training.batch_size=64")
    with pytest.raises(TrainingError) as raised, naming_memory(config, CPU):
        raise error
    message = str(raised.value)
    assert message.startswith("training.batch_size=64: a GPU is out of memory; choose a smaller")
    assert "for example 32" in message
    assert "\n" not in message


def test_another_error_stays_as_it_is(configure: Configure) -> None:
    with pytest.raises(tf.errors.InternalError), naming_memory(configure(), CPU):
        raise tf.errors.InternalError(None, None, "cuDNN is broken")
