"""Probabilities of images, in the order the images have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.training.inference import outputs


def predict_probabilities(model: keras.Model, images: Images, xla: bool) -> NDArray[np.float32]:
    """Return the probability of each class for each image, float32 [n, classes].

    A network with one sigmoid output gives two columns, of label 0 and of label 1.
    """
    given = outputs(model, images, xla)
    return np.hstack([1 - given, given]) if given.shape[1] == 1 else given
