"""The smallest change along the sign of the gradient that flips a decision (FGSM).

Goodfellow et al., "Explaining and Harnessing Adversarial Examples", ICLR 2015: every pixel is
changed by the same amount, up or down, whichever favors another class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.base.array_types import Images
from runner.base.lazy import keras, tf
from runner.models.layer_outputs import scores
from runner.play.played_network import PlayedNetwork, Values

LARGEST = 96
"""Of 255, that a pixel is changed by at most."""


@dataclass(frozen=True)
class SmallestChange:
    """A changed image that is decided otherwise.

    Attributes:
        amount: of 255, that each pixel is changed by at most.
        image: the changed image, uint8 [height, width, channels].
        probabilities: of the classes for it.
    """

    amount: int
    image: Images
    probabilities: Values


def smallest_change(network: PlayedNetwork, image: Images) -> SmallestChange | None:
    """Return the smallest such change of an image that flips the most probable class, if any does.

    Args:
        network: a classifier.
        image: uint8 [height, width, channels].
    """
    before = int(network.outputs(image[np.newaxis])[0].argmax())
    signs = np.sign(_gradient(network.model, image, before))
    amounts = np.arange(1, LARGEST + 1)
    changed = image[np.newaxis] - amounts[:, None, None, None] * signs[np.newaxis]
    tried = np.clip(changed, 0, 255).astype(np.uint8)
    probabilities = network.outputs(tried)
    flipped = np.flatnonzero(probabilities.argmax(axis=1) != before)
    if not flipped.size:
        return None
    first = int(flipped[0])
    return SmallestChange(int(amounts[first]), tried[first], probabilities[first])


def _gradient(model: keras.Model, image: Images, label: int) -> Values:
    """Return how the class's lead over the second best changes with each pixel."""
    inner = keras.Model(model.inputs, scores(model))
    pixels = tf.constant(image[np.newaxis], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        values = inner(pixels, training=False)[0]
        others = tf.where(tf.range(values.shape[0]) == label, values.dtype.min, values)
        lead = values[label] - tf.reduce_max(others)
    return np.asarray(tape.gradient(lead, pixels)[0], np.float32)
