"""What tests of networks share: networks as the configuration builds them, and images for them."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from runner import models
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit


def blank(*shape: int, count: int = 4) -> TrainSplit:
    return TrainSplit(np.zeros((count, *shape), np.uint8), np.zeros(count, np.int64))


def noise(*shape: int, count: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.float32)


def built(config: Config, train: TrainSplit) -> keras.Model:
    task = config.dataset.task()
    loss = task.loss(config.training.loss, soft_targets=False)
    return models.build_model(config.model, task.outputs(loss), train)


def shapes(model: keras.Model) -> list[tuple[Any, ...]]:
    """Return each layer's type and output shape, with the activation where it has one."""
    rows = []
    for layer in model.layers:
        activation = getattr(layer, "activation", None)
        shown = (activation.__name__,) if activation else ()
        rows.append((type(layer).__name__, *layer.output.shape[1:], *shown))
    return rows


def trained_parameters(model: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
