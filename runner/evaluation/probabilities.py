"""Probabilities of classes and labels from the outputs of a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras, scipy
from runner.models.layers import gives_logits
from runner.training.inference import outputs


def predict_probabilities(model: keras.Model, images: Images, xla: bool) -> NDArray[np.float32]:
    """Return the probability of each class for each image, float32 [n, classes].

    A network with one sigmoid output yields two columns, for label 0 and label 1.
    """
    return class_probabilities(model, outputs(model, images, xla))


def label_probabilities(model: keras.Model, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability of each label, float32 [n, labels]; logits go through a sigmoid."""
    special: Any = scipy.special
    return special.expit(outputs) if gives_logits(model) else outputs


def class_probabilities(model: keras.Model, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return class probabilities, float32 [n, classes], from the outputs of a network.

    One column, [n, 1], is a sigmoid's probability of label 1, and becomes two; logits go through
    the sigmoid or softmax that they lack; others are returned unchanged.
    """
    single = outputs.shape[1] == 1
    if gives_logits(model):
        special: Any = scipy.special
        outputs = special.expit(outputs) if single else special.softmax(outputs, axis=1)
    return np.hstack([1 - outputs, outputs]) if single else outputs
