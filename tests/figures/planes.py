"""Networks of two features, and runs whose figures show their plane."""

from pathlib import Path

import keras
import numpy as np

from runner.datasets.splits import TrainSplit
from runner.figures.finished_run import ClassificationRun
from runner.figures.weight_history import WeightHistory


def network(units: int = 3) -> keras.Model:
    features = keras.Input((2,))
    hidden = keras.layers.Dense(units, "tanh", name="hidden")(features)
    return keras.Model(features, keras.layers.Dense(2, "softmax")(hidden))


def recorded(model: keras.Model, epochs: int) -> WeightHistory:
    """A history in which the first weight counts the epochs."""
    history = WeightHistory()
    history.set_model(model)
    history.on_train_begin()
    for epoch in range(epochs):
        first, *others = model.get_weights()
        model.set_weights([np.full_like(first, epoch + 1), *others])
        history.on_epoch_end(epoch)
    return history


def run(model: keras.Model, folder: Path | None, features: int = 2) -> ClassificationRun:
    points = np.random.default_rng(0).normal(size=(12, features)).astype(np.float32)
    labels = np.arange(12) % 2
    return ClassificationRun(
        model=model,
        images=points,
        labels=labels,
        probabilities=np.eye(2, dtype=np.float32)[labels],
        class_names=["a", "b"],
        train=TrainSplit(points, labels),
        folder=folder,
    )
