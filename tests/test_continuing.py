"""Trainings that start from what another one ended with, and networks that are not trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runner import device
from runner.config import Config
from runner.datasets.splits import Dataset
from runner.training import Trainer

Configure = Callable[..., Config]
NETWORK = ("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]")


@pytest.fixture(scope="module")
def trainer(configure: Configure, digits: Dataset) -> Callable[..., Trainer]:
    """Build the trainer of a small network from overrides."""
    place = device.prepare("cpu", "float32", deterministic=False)

    def build(*overrides: str) -> Trainer:
        config = configure(*NETWORK, *overrides)
        return Trainer(config, digits.train, digits.validation, digits.classes, place)

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
    untrained = trainer("training.epochs=0", validation, *options)
    before = values(untrained.model.variables)
    training = untrained.fit(0, [])
    for left, right in zip(before, values(training.model.variables), strict=False):
        np.testing.assert_array_equal(left, right)
    assert training.history == {}
    assert (training.train_seconds, training.compile_seconds) == (0, 0)


def test_a_run_without_epochs_evaluates_and_draws(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    figures = "figures=[learning-curves,confusion-matrix,filter-evolution]"
    few = ("device=cpu", "dataset.train_size=600", "training.epochs=0", "seeds=2")
    done = command(*NETWORK, *few, figures, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "epoch   1/0" not in done.stdout
    assert "none" in next(line for line in done.stdout.splitlines() if "│ training " in line)
    (folder,) = (tmp_path / "outputs").glob("*/*/seed-1")
    report = json.loads((folder / "report.json").read_text())
    assert (report["epochs"], report["train_seconds"]) == (0, 0)
    assert 0.5 < report["test_error"] < 1
    drawn = {path.stem for path in (folder / "figures").iterdir()}
    assert drawn == {"confusion-matrix", "filter-evolution"}
