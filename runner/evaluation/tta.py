"""Test-time augmentation: probabilities averaged over several views of each image.

All images have the same views, so that a prediction does not depend on the other images.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras, tf
from runner.config.run_config import EvaluationConfig
from runner.evaluation.predictions import Probabilities
from runner.evaluation.probabilities import predict_probabilities
from runner.training.augmentation import geometry
from runner.training.inference import batches

Predict = Callable[[Any, Images, bool], Probabilities]
"""Makes probabilities from a network, images, and whether XLA compiles."""

SEED = 20_261
SHIFT, ROTATION, ZOOM = 1.0, math.radians(5), 0.05
"""Largest shift (pixels), rotation (radians) and relative zoom of random views; half of those of
`augmentation=affine` for training images."""


def average_views(
    model: keras.Model,
    images: Images,
    first: Probabilities,
    config: EvaluationConfig,
    xla: bool,
    *,
    predict: Predict = predict_probabilities,
) -> Probabilities:
    """Return probabilities averaged over the views of each image, float32 [n, classes].

    Args:
        model: the network.
        images: uint8 [n, height, width, channels].
        first: probabilities of the images as they are, which is the first view.
        config: the kind and number of views.
        xla: whether XLA compiles the network.
        predict: returns the probabilities of images, from the network, images and `xla`.
    """
    count = number_of_views(config)
    total = first.astype(np.float64)
    for number in range(1, count):
        total += predict(model, view(images, number, config, xla), xla)
    return (total / count).astype(np.float32)


def number_of_views(config: EvaluationConfig) -> int:
    """Return the number of views of each image, the unchanged one included."""
    return {"shift": 5, "flip": 2, "affine": 1 + config.tta_versions, None: 1}[config.tta]


def view(images: Images, number: int, config: EvaluationConfig, xla: bool) -> Images:
    """Return one view of each image.

    Args:
        images: uint8 [n, height, width, channels].
        number: of the view, from 1 on; view 0, the unchanged image, needs no change.
        config: the kind of views.
        xla: whether XLA compiles the change.

    Returns:
        images of the same shape and type, pixels rounded.
    """
    change = _compiled(config.tta, xla)
    which = tf.constant(number), tf.constant(_amounts(number))
    changed = [change(tf.constant(batch), *which) for batch in batches(images)]
    return np.concatenate(changed)[: len(images)]


def _amounts(number: int) -> NDArray[np.float32]:
    """Draw the transformation of a random view, with NumPy for the same values on every device."""
    drawn = np.random.default_rng([SEED, number]).uniform(-1, 1, 5)
    return (drawn * [SHIFT, SHIFT, ROTATION, ZOOM, 0]).astype(np.float32)


@cache
def _compiled(tta: str, xla: bool) -> Any:
    change = {"shift": _shifted, "flip": _flipped, "affine": _transformed}[tta]

    def changed(images: Any, number: Any, amounts: Any) -> Any:
        moved = change(tf.cast(images, tf.float32), number, amounts)
        return tf.cast(tf.round(moved), images.dtype)

    return tf.function(changed, autograph=False, jit_compile=xla)


def _shifted(images: Any, number: Any, amounts: Any) -> Any:
    """Move images by one pixel: 1 to 4 are N, S, E and W."""
    del amounts
    version = tf.fill([images.shape[0]], number)
    return geometry.shift4().apply(images, None, version, None)[0]


def _flipped(images: Any, number: Any, amounts: Any) -> Any:
    del number, amounts
    return tf.reverse(images, axis=[2])


def _transformed(images: Any, number: Any, amounts: Any) -> Any:
    del number
    return geometry.transform(images, [amounts[i][None, None, None] for i in range(5)])
