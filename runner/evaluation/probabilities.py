"""Class probabilities from the outputs of a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.training.inference import outputs


def predict_probabilities(model: keras.Model, images: Images, xla: bool) -> NDArray[np.float32]:
    """Return the probability of each class for each image, float32 [n, classes].

    A network with one sigmoid output yields two columns, for label 0 and label 1.
    """
    return class_probabilities(outputs(model, images, xla))


def class_probabilities(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return class probabilities, [n, classes], from the outputs of a network.

    One column, [n, 1], is a sigmoid's probability of label 1, and becomes two; others are returned
    unchanged.
    """
    return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs
