"""Trainings that start from what another one ended with, and networks that are not trained."""

import json
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from calling import call

from runner import __main__ as program
from runner.base import device
from runner.base.errors import ConfigurationError
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.run import run_display
from runner.training.stages import taken
from runner.training.steps import Steps
from runner.training.trainer import Trainer
from runner.training.warm_start import Start

Configure = Callable[..., Config]
DENSE = ("model=dense", "model.hidden_units=[16]", "model.hidden_dropout=0.5")
LENET = ("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]")
ONE, TWO = "training.epochs=1", "training.epochs=2"


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.slow)])
def trainer(
    configure: Configure, digits: Dataset, request: pytest.FixtureRequest
) -> Callable[..., Trainer]:
    """Build the trainer of a small network from overrides, once; slow: compiled as for a GPU."""
    place = device.prepare_device("cpu", "float32", deterministic=False)
    place = replace(place, is_gpu=request.param)

    @cache
    def build(*overrides: str) -> Trainer:
        config = configure(*overrides)
        return Trainer(config, digits.train, digits.validation, digits.task, place)

    return build


def values(variables: list[Any]) -> list[np.ndarray[Any, Any]]:
    return [np.asarray(variable) for variable in variables]


# --- no training -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ("schedule=cosine", "schedule.warmup_epochs=1", "optimizer.ema=0.9"),
        ("schedule=one-cycle", "callbacks=early-stopping"),
        ("schedule=plateau",),
    ],
)
def test_without_epochs_nothing_is_trained(
    trainer: Callable[..., Trainer], options: tuple[str, ...]
) -> None:
    validation = "dataset.validation_fraction=0.1"
    untrained = trainer(*DENSE, "training.epochs=0", validation, *options)
    before = values(untrained.model.variables)
    training = untrained.fit(0, [])
    for left, right in zip(before, values(training.model.variables), strict=False):
        np.testing.assert_array_equal(left, right)
    assert training.history == {}
    assert (training.train_seconds, training.compile_seconds) == (0, 0)


def test_a_run_without_epochs_evaluates_and_draws(tmp_path: Path) -> None:
    figures = "figures=[learning-curves,confusion-matrix,filter-evolution]"
    few = ("device=cpu", "dataset.train_size=600", "training.epochs=0", "seeds=2")
    with chdir(tmp_path):
        done = call(program.main, *LENET, *few, figures)
    assert done.code == 0, done.error
    assert "epoch   1/0" not in done.out
    assert "none" in next(line for line in done.out.splitlines() if "│ training " in line)
    (folder,) = (tmp_path / "outputs").glob("*/*/seed-1")
    report = json.loads((folder / "report.json").read_text())
    assert (report["epochs"], report["train_seconds"]) == (0, 0)
    assert 0.5 < report["test_error"] < 1
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert drawn == {"confusion-matrix", "filter-evolution"}


# --- from what another training left ---------------------------------------------------------


@pytest.fixture(scope="module")
def one_epoch(trainer: Callable[..., Trainer], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of one epoch, saved as a run saves it."""
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    trainer(*DENSE, ONE).fit(0, []).model.save(path)
    return path


def test_weights_and_optimizer_are_those_saved(
    trainer: Callable[..., Trainer], one_epoch: Path
) -> None:
    saved = keras.models.load_model(one_epoch)
    again = trainer(*DENSE, "training.epochs=0", "optimizer.learning_rate=0.01", "seed=3")
    start = again.start(one_epoch)
    model = again.fit(3, [], start).model
    assert taken(start, again.stages) == "weights and optimizer, after 5 steps"
    for left, right in zip(saved.weights, model.weights, strict=True):
        np.testing.assert_array_equal(left.numpy(), right.numpy())
    assert int(model.optimizer.iterations.numpy()) == start.steps == 5
    names = [variable.name for variable in model.optimizer.variables]
    assert sum("momentum" in name for name in names) == 4
    for left, right in zip(saved.optimizer.variables, model.optimizer.variables, strict=True):
        if right.name == "learning_rate":
            assert float(right.numpy()) == pytest.approx(0.01)  # what is configured now
        else:
            np.testing.assert_array_equal(left.numpy(), right.numpy())


def test_one_epoch_and_another_are_two_epochs(
    trainer: Callable[..., Trainer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches, augmentation and dropout of the second epoch are those of a second epoch."""
    same = (*DENSE, "augmentation=erasing")
    first = trainer(*same, ONE)
    first.fit(0, []).model.save(tmp_path / "model.keras")
    start, run = first.start(tmp_path / "model.keras"), Steps.run
    with monkeypatch.context() as patch:
        patch.setattr(Steps, "run", lambda self, items, seed, first_step: run(self, items, seed, 0))
        repeated = first.fit(0, [], start).history["loss"]
    onward = first.fit(0, [], start)
    whole = trainer(*same, TWO).fit(0, [])
    for left, right in zip(onward.model.weights, whole.model.weights, strict=True):
        np.testing.assert_allclose(left.numpy(), right.numpy(), rtol=1e-5, atol=1e-6)
    assert onward.history["loss"] == pytest.approx(whole.history["loss"][1:], rel=1e-5)
    assert onward.history["loss"][0] != pytest.approx(whole.history["loss"][0], rel=0.01)
    assert onward.history["loss"] != pytest.approx(repeated, rel=1e-3)  # augmentation as in epoch 1


def test_an_adapted_normalization_stays_that_of_the_first_training(
    configure: Configure, digits: Dataset, tmp_path: Path
) -> None:
    place = device.prepare_device("cpu", "float32", deterministic=False)
    bright = replace(digits.train, images=255 - digits.train.images)
    first, other = (
        Trainer(configure(*DENSE, ONE), train, None, digits.task, place)
        for train in (digits.train, bright)
    )
    first.fit(0, []).model.save(tmp_path / "first.keras")
    onward = other.fit(0, [], other.start(tmp_path / "first.keras")).model
    mean = keras.models.load_model(tmp_path / "first.keras").get_layer("normalization").mean
    np.testing.assert_array_equal(onward.get_layer("normalization").mean, mean)
    onward.save(tmp_path / "onward.keras")
    saved = keras.models.load_model(tmp_path / "onward.keras")
    images = digits.test.images[:20].astype(np.float32)
    np.testing.assert_allclose(saved(images), onward(images), atol=1e-6)


def test_the_next_seed_starts_at_the_beginning(
    trainer: Callable[..., Trainer], one_epoch: Path
) -> None:
    both = trainer(*DENSE, ONE)
    fresh = both.fit(0, []).history
    assert both.fit(0, [], both.start(one_epoch)).history != fresh
    assert both.fit(0, []).history == fresh


def test_a_schedule_starts_anew(trainer: Callable[..., Trainer], one_epoch: Path) -> None:
    cosine = trainer(*DENSE, TWO, "schedule=cosine")
    fresh = cosine.fit(0, []).history["learning_rate"]
    start = cosine.start(one_epoch)
    assert taken(start, cosine.stages) == "weights and optimizer, after 5 steps"
    assert cosine.fit(0, [], start).history["learning_rate"] == fresh
    assert int(cosine.model.optimizer.iterations.numpy()) == 15


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("optimizer=sgd",), "it was trained with Adam, not SGD"),
        (("optimizer.ema=0.9",), "its Adam has other options"),
    ],
)
def test_another_optimizer_takes_the_weights_alone(
    options: tuple[str, ...], reason: str, trainer: Callable[..., Trainer], one_epoch: Path
) -> None:
    other = trainer(*DENSE, *options, ONE)
    start = other.start(one_epoch)
    assert taken(start, other.stages) == f"weights alone, since {reason}"
    training = other.fit(0, [], start)
    assert int(training.model.optimizer.iterations.numpy()) == 5
    assert training.history["loss"][0] < other.fit(0, []).history["loss"][0]


def test_averaged_weights_are_not_what_the_optimizer_ended_with(
    trainer: Callable[..., Trainer], tmp_path: Path
) -> None:
    """So that two epochs and three more would be no five, whatever else was taken over."""
    averaged = trainer(*DENSE, "optimizer.ema=0.9", ONE)
    averaged.fit(0, []).model.save(tmp_path / "model.keras")
    start = averaged.start(tmp_path / "model.keras")
    assert taken(start, averaged.stages) == (
        "weights alone, since they are averages (optimizer.ema), not those its Adam ended with"
    )
    onward = averaged.fit(0, [], start).model
    assert int(onward.optimizer.iterations.numpy()) == 5


@pytest.fixture(scope="module")
def lenet(configure: Configure) -> Start:
    return Start(configure(*LENET).model((28, 28, 1), 10))


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        (("model.filters=[8,6]",), "convolution_1 has filters=4 there, 8 here"),
        (("model.activation=gelu",), 'convolution_1 has activation="relu" there, "gelu" here'),
        (("model.normalization=unit",), "normalization has offset=0.5 there, 0"),
        (("model.filters=[4]",), "is Conv2D there, Flatten here"),
        (("model.hidden_units=[16,8]",), "output (dense_2 here) has activation="),
        (("model.hidden_units=[]",), "dense_1 (output here) has activation="),
        (("model.hidden_units=[16,10]", "model.activation=softmax"), "activation"),
    ],
)
def test_another_network_is_refused_by_the_first_difference(
    options: tuple[str, ...], difference: str, configure: Configure, lenet: Start
) -> None:
    lenet.check(configure(*LENET, "model.hidden_dropout=0.5").model((28, 28, 1), 10))
    with pytest.raises(ConfigurationError, match="another network was trained there") as refused:
        lenet.check(configure(*LENET, *options).model((28, 28, 1), 10))
    assert difference in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_number_of_classes_or_layers_is_refused(configure: Configure) -> None:
    two, three = (
        configure("model=dense", f"model.hidden_units={n}").model for n in ("[9]", "[9,9]")
    )
    start = Start(two((28, 28, 1), 10))
    with pytest.raises(ConfigurationError, match="output has units=10 there, 2 here"):
        start.check(two((28, 28, 1), 2))
    with pytest.raises(ConfigurationError, match=r"output \(dense_2 here\) has "):
        start.check(three((28, 28, 1), 10))
    with pytest.raises(ConfigurationError, match="pixels has batch_shape="):
        start.check(two((32, 32, 3), 10))


def test_it_is_said_that_a_network_was_trained_on_other_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for there, other in (("fashion", True), ("mnist", False), (None, False)):
        run_display.show_init_from(tmp_path / "model.keras", "weights", (there, "mnist"))
        said = "it was trained on fashion, and this is mnist" in capsys.readouterr().out
        assert said == other
