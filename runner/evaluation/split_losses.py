"""The loss of a trained network on each split, and its error on the images it was trained on.

The loss is the one that was trained with, but without what regularizers, label smoothing, class
weights and augmentation add, and with dropout off: as `evaluate` of Keras computes it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.compat import with_logits
from runner.base.lazy import keras, tf
from runner.base.losses import loss_function
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.task_predictions import compared, read_outputs
from runner.training.inference import outputs_and_logits

FITTED = "fitted"
"""Name of the images that were trained on, in the names of metrics: `fitted_error` and so on."""


def measure_losses(model: keras.Model, data: Dataset, config: Config, xla: bool) -> dict[str, Any]:
    """Return `test_loss`, `validation_loss`, `fitted_loss` and `fitted_error`, as far as asked for.

    Training images are read once more, streamed ones batch by batch, which takes about a third of
    an epoch; not after no epoch at all, nor with `evaluation.fitted=false`. Of a regression there
    is `fitted_mse` and so on instead of an error.
    """
    loss = data.task.loss(config.training.loss, config.soft_targets)
    function = loss_function(loss, 0.0, config.logits)
    splits: dict[str, TrainSplit | TestSplit | None] = {
        "test": data.test if config.evaluation.test else None,
        "validation": data.validation,
        FITTED: data.train if config.evaluation.fitted and config.training.trains else None,
    }
    measured: dict[str, Any] = {}
    for name, split in splits.items():
        if split is not None:
            targets = data.task.encode(split.targets, loss)
            outputs, losses = outputs_and_losses(model, split.images, targets, function, xla)
            measured[f"{name}_loss"] = float(losses.mean(dtype=np.float64))
            if name == FITTED:
                values = read_outputs(model, outputs, data.task)
                fitted = compared(data.task, data.train, values, config.evaluation)
                measured |= fitted.errors(FITTED)
    return measured


def outputs_and_losses(
    model: keras.Model, images: Images, targets: NDArray[Any], loss: keras.losses.Loss, xla: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what a network gives for each image, [n, outputs], and the loss of each, [n].

    The network is the one that was compiled to predict; to compile it with its loss would take
    seconds, which on a GPU is more than the loss on the CPU.
    """
    outputs, logits = outputs_and_logits(model, images, xla)
    with tf.device("CPU"):
        losses = loss.call(tf.constant(targets), with_logits(tf.constant(outputs), logits))
    return outputs, np.asarray(losses)
