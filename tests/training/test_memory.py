"""Too little memory: refused before it is taken, or said in one line."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import h5py
import keras
import numpy as np
import psutil
import pytest
import tensorflow as tf

from runner import models
from runner.base.device import Device
from runner.base.errors import ConfigurationError, DataError, TrainingError
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models import weight_memory
from runner.models.saved_networks import load_network
from runner.training import step_memory as step_memory_module
from runner.training.device_memory import naming_memory
from runner.training.step_memory import check_memory, step_memory
from runner.training.trainer import Trainer

Configure = Callable[..., Config]
CPU = Device(False, "a GPU", "a test")
HUGE = '"units": 90000000'
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


def test_a_batch_without_room_is_refused_before_tensorflow_dies(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure("model=lenet", "model.filters=[2000,2]", "training.batch_size=200")
    model = models.build_model(config.model, 10, BLANK)
    memory = step_memory(model, 200)
    assert 4 * 200 * 2000 * 24 * 24 < memory.kept < memory.values
    monkeypatch.setattr(weight_memory, "memory_limit", lambda: 10**12)
    check_memory(model, 200, CPU)
    monkeypatch.setattr(step_memory_module, "memory_limit", lambda: memory.weights + memory.kept)
    check_memory(model, 200, CPU)
    half = memory.weights + memory.kept // 2
    monkeypatch.setattr(step_memory_module, "memory_limit", lambda: half)
    with pytest.raises(ConfigurationError) as raised:
        Trainer(config, BLANK, None, config.dataset.task(), CPU)
    message = str(raised.value)
    assert message.startswith("training.batch_size=200: the layers of lenet would keep 1 GB of")
    assert message.endswith("choose 100 or less, or a smaller network")
    check_memory(model, 100, CPU)
    check_memory(model, 200, Device(True, "a GPU", "a test"))


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


@pytest.mark.parametrize(
    ("batch_size", "seeds", "advice"),
    [
        (64, 1, "choose a smaller one, for example 32, training.device_data_gb=0 so"),
        (64, 10, "for example 32, seeds_together=5 so that fewer seeds are trained at once, train"),
        (1, 1, "choose training.device_data_gb=0 so that images are streamed, or a smaller net"),
    ],
)
def test_what_is_to_be_changed_takes_less_memory(
    batch_size: int, seeds: int, advice: str, configure: Configure
) -> None:
    config = configure(f"training.batch_size={batch_size}")
    full = tf.errors.ResourceExhaustedError(None, None, "OOM")
    with pytest.raises(TrainingError) as raised, naming_memory(config, CPU, seeds):
        raise full
    assert advice in str(raised.value)


def test_another_error_stays_as_it_is(configure: Configure) -> None:
    with pytest.raises(tf.errors.InternalError), naming_memory(configure(), CPU):
        raise tf.errors.InternalError(None, None, "cuDNN is broken")


@pytest.mark.parametrize("name", ["huge.keras", "huge.h5"])
def test_a_file_cannot_ask_for_more_weights_than_it_has(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    layers = [keras.Input((4,)), keras.layers.Dense(30), keras.layers.Dense(9)]
    keras.Sequential(layers).save(path)
    load_network(path)
    if name.endswith(".h5"):
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = file.attrs["model_config"].replace('"units": 30', HUGE)
    else:
        with ZipFile(path) as archive:
            members = {each: archive.read(each) for each in archive.namelist()}
        members["config.json"] = members["config.json"].replace(b'"units": 30', HUGE.encode())
        with ZipFile(path, "w") as archive:
            for each, content in members.items():
                archive.writestr(each, content)
    before = psutil.Process().memory_info().rss
    with pytest.raises(DataError, match=r"more, its file has .* bytes; it is damaged"):
        load_network(path)
    assert psutil.Process().memory_info().rss - before < 100e6
