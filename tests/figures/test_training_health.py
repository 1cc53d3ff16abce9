"""The health of a training: norms of each layer, and units that are dead."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from figures.configured import Configured
from runner.base.errors import DataError
from runner.figures.finished_run import ClassificationRun
from runner.figures.training_health import HealthHistory, measure
from runner.figures.training_recorder import Probe

training_health = Configured("training-health")


def network() -> keras.Model:
    keras.utils.set_random_seed(2)
    layers = [keras.layers.Dense(4, "relu", name="hidden"), keras.layers.Dense(1, name="out")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    kernel, bias = layers[0].get_weights()
    bias[1] = -1e6  # dead
    layers[0].set_weights([kernel, bias])
    return model


def probe() -> Probe:
    generator = np.random.default_rng(0)
    rows, targets = generator.normal(size=(20, 3)), generator.normal(size=(20, 1))
    loss = keras.losses.MeanSquaredError()
    return Probe(rows.astype(np.float32), targets.astype(np.float32), loss)


def test_values_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    model, history = network(), HealthHistory()
    history.set_model(model)
    history.see(probe())
    history.on_train_begin()
    model.layers[1].kernel.assign(2 * model.layers[1].kernel)
    history.on_epoch_end(0)
    history.save(tmp_path)
    loaded = HealthHistory.load(tmp_path)
    assert loaded is not None
    assert (loaded.layers, loaded.count) == (["hidden", "out"], 20)
    assert np.shape(loaded.values["weights"]) == (2, 2)
    before, after = loaded.values["weights"]
    assert after == pytest.approx([before[0], 2 * before[1]])
    assert before[0] == pytest.approx(np.sqrt(np.mean(np.square(model.layers[0].kernel))))
    hidden = np.asarray(model.layers[0](probe().images))
    assert loaded.values["activations"][0][0] == pytest.approx(np.sqrt((hidden**2).mean()))
    assert loaded.values["dead"] == [[0.25, 0.0], [0.25, 0.0]]


@pytest.mark.parametrize("shape", [(0, 2), (3,), (), (3, 1), (3, 2, 1)])
def test_values_of_another_shape_are_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    arrays: dict[str, Any] = {name: np.ones((3, 2)) for name in HealthHistory().values}
    arrays |= {"layers": ["a", "b"], "count": 1, "dead": np.ones(shape)}
    np.savez(tmp_path / "health.npz", allow_pickle=False, **arrays)
    with pytest.raises(DataError, match=r"health\.npz.*dead: 2 layers do not fit"):
        HealthHistory.load(tmp_path)


def test_names_of_no_characters_are_refused(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {name: np.ones((3, 1)) for name in HealthHistory().values}
    layers = np.array([2**31], np.uint32).view("U1")  # what NumPy cannot make a text of
    np.savez(tmp_path / "health.npz", allow_pickle=False, layers=layers, count=1, **arrays)
    with pytest.raises(DataError, match=r"health\.npz"):
        HealthHistory.load(tmp_path)


def test_gradients_are_those_of_the_loss() -> None:
    model, tested = network(), probe()
    _, (_, gradient) = measure(model, model.layers, tested)
    hidden = np.asarray(model.layers[0](tested.images))
    residual = np.asarray(model(tested.images)) - tested.targets
    np.testing.assert_allclose(gradient, 2 * hidden.T @ residual / 20, rtol=1e-4, atol=1e-6)


def test_without_a_probe_or_a_kernel_nothing_is_recorded(tmp_path: Path) -> None:
    for model, seen in ((network(), None), (keras.Sequential([keras.Input((3,))]), probe())):
        history = HealthHistory()
        history.set_model(model)
        if seen is not None:
            history.see(seen)
        history.on_train_begin()
        history.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_layers_are_lines_in_every_panel(digits: ClassificationRun, tmp_path: Path) -> None:
    figure = training_health(digits, limit=3)
    for axes in figure.axes:
        assert [line.get_label() for line in axes.lines] == ["first", "hidden", "output"]
        assert all(len(np.asarray(line.get_ydata())) == 3 for line in axes.lines)
    assert training_health(replace(digits, folder=tmp_path)) is None
