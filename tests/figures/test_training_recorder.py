"""What a figure declares is recorded while its network is trained, a user's own recorder too."""

import json
from contextlib import chdir
from pathlib import Path

import keras
import numpy as np
import pytest
from calling import call

from runner import __main__ as program
from runner.config.component import Component
from runner.figures.filter_evolution import KernelHistory, filter_animation, filter_evolution
from runner.figures.filters import first_filters
from runner.figures.training_recorder import Recorder, new_recorders
from runner.predict import inspection

OWN = '''
"""A user's own figure of the loss after every epoch, as text."""

import json

from runner.figures.finished_run import FinishedRun
from runner.figures.training_recorder import Recorder, recorded_by


class Losses(Recorder):
    def __init__(self):
        self.losses = []

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])

    def save(self, folder):
        (folder / "losses.json").write_text(json.dumps(self.losses))

    @classmethod
    def load(cls, folder):
        if not (folder / "losses.json").is_file():
            return None
        recorder = cls()
        recorder.losses = json.loads((folder / "losses.json").read_text())
        return recorder


@recorded_by(Losses)
def losses(run: FinishedRun, *, digits: int):
    recorded = run.recording(Losses)
    return recorded and " ".join(f"{loss:.{digits}f}" for loss in recorded.losses)
'''
SMALL = (
    *("device=cpu", "dataset.train_size=600", "training.epochs=2", "model=lenet"),
    *("model.filters=[4,6]", "model.hidden_units=[16]", "tracking.run_name=own", "figures=[]"),
)


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_figure_of_losses.py").write_text(OWN)
    (tmp_path / "conf/figures").mkdir(parents=True)  # modules are found beside it
    trusted = "own: {_target_: own_figure_of_losses.losses, digits: 3}"
    (tmp_path / "conf/figures/losses.yaml").write_text(trusted)
    return "own_figure_of_losses"


def test_a_figure_of_ones_own_is_drawn_of_what_it_had_recorded(
    own_module: str, tmp_path: Path
) -> None:
    own = f"+figures.own={{_target_: {own_module}.losses, digits: 3}}"
    with chdir(tmp_path):
        ran = call(program.main, *SMALL, own, "seeds=[3,5]")
        if "not on this machine" in ran.error:
            pytest.skip(f"MNIST is needed: {ran.error}")
        assert ran.code == 0, ran.error
        drawn = {path.parts[-3]: path for path in tmp_path.rglob("seed-*/figures/own.txt")}
        assert set(drawn) == {"seed-3", "seed-5"}
        for path in drawn.values():
            history = json.loads((path.parents[1] / "history.json").read_text())
            assert path.read_text() == " ".join(f"{loss:.3f}" for loss in history["loss"]) + "\n"
            path.unlink()
        again = call(inspection.main, "own", "--seed", 5)
        assert (again.code, again.drawn) == (0, [drawn["seed-5"]]), again.error
        assert not list(tmp_path.rglob("kernels.npz"))


def test_each_kind_of_recorder_is_made_once_and_only_where_it_is_declared() -> None:
    both = [Component(filter_evolution, {}), Component(filter_animation, {})]
    (recorder,) = new_recorders([*both, Component(first_filters, {})])
    assert isinstance(recorder, KernelHistory)
    assert new_recorders([Component(first_filters, {})]) == []


def test_a_recorder_that_cannot_be_saved_is_not_made() -> None:
    class Unsaved(Recorder):
        pass

    with pytest.raises(TypeError, match=r"abstract methods? .*save"):
        Unsaved()  # type: ignore[abstract]


def test_kernels_are_those_before_training_and_after_each_epoch(tmp_path: Path) -> None:
    convolution = keras.layers.Conv2D(2, 3)
    model = keras.Sequential([keras.Input((5, 5, 1)), convolution, keras.layers.Conv2D(1, 3)])
    history, expected = KernelHistory(), []
    history.set_model(model)
    for epoch in range(3):
        kernel = np.full((3, 3, 1, 2), epoch, np.float32)
        convolution.set_weights([kernel, np.zeros(2)])
        expected.append(kernel)
        history.on_epoch_end(epoch) if epoch else history.on_train_begin()
    history.save(tmp_path)
    loaded = KernelHistory.load(tmp_path)
    assert loaded is not None
    np.testing.assert_array_equal(loaded.kernels, expected)


def test_a_network_without_convolutions_leaves_no_kernels(tmp_path: Path) -> None:
    history = KernelHistory()
    history.set_model(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]))
    history.on_train_begin()
    history.save(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert KernelHistory.load(tmp_path) is None
