"""Losses of classification, and the encoding of labels for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import keras
from runner.base.option_types import Loss

BINARY = 2


def resolve_loss(loss: Loss, classes: int, soft_targets: bool = False) -> Loss:
    """Return the loss that `auto` stands for.

    Args:
        loss: as configured.
        classes: number of classes.
        soft_targets: whether targets are probabilities of classes rather than labels.
    """
    if loss != "auto":
        return loss
    if classes == BINARY:
        return "binary_crossentropy"
    return "categorical_crossentropy" if soft_targets else "sparse_categorical_crossentropy"


def output_count(loss: Loss, classes: int) -> int:
    """Return the number of outputs that a network needs."""
    return 1 if loss == "binary_crossentropy" else classes


def encode_targets(labels: Labels, loss: Loss, classes: int) -> NDArray[Any]:
    """Encode labels, int64 [n], for a loss.

    Returns:
        int64 [n] for the sparse loss, float32 [n, 1] for the binary one, else one-hot float32
        [n, classes].
    """
    if loss == "sparse_categorical_crossentropy":
        return labels
    if loss == "binary_crossentropy":
        return labels[:, None].astype(np.float32)
    return np.eye(classes, dtype=np.float32)[labels]


def decided(targets: Any) -> Any:
    """Return 1 where label 1 has more than half of a target, otherwise 0, float32.

    Mixed targets, and those of teachers, are no 0 or 1 that a decision could equal.
    """
    return keras.ops.cast(keras.ops.greater(targets, 0.5), "float32")


def loss_function(loss: Loss, label_smoothing: float, logits: bool = False) -> keras.losses.Loss:
    """Return the Keras loss.

    Args:
        loss: which one.
        label_smoothing: of the losses that have it.
        logits: whether the network gives these instead of probabilities.
    """
    smoothed = {"label_smoothing": label_smoothing, "from_logits": logits}
    if loss == "sparse_categorical_crossentropy":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    if loss == "categorical_crossentropy":
        return keras.losses.CategoricalCrossentropy(**smoothed)
    if loss == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(**smoothed)
    return keras.losses.MeanSquaredError()
