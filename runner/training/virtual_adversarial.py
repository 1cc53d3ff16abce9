"""Virtual adversarial training (Miyato et al. 2018): outputs change little where images do.

To the loss is added how far the probabilities of an image differ from those of the image disturbed
in the direction in which they differ most, to second order; labels play no part. The direction is
found by one step of power iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runner.base.lazy import keras, tf
from runner.config.training_config import VirtualAdversarialConfig

PIXEL_RANGE = 255.0
PROBE = 0.1
"""Length of the disturbance that finds the direction, as a fraction of the one that counts.

A smaller one drowns in the rounding of float32.
"""
STREAM = 20_180
"""First half of the seed of the first direction; the second is the number of the step."""
SMALLEST = 1e-7
TINY = 1e-30

Forward = Callable[[Any], Any]


@dataclass(frozen=True)
class VirtualAdversarial:
    """What is added to the loss.

    Attributes:
        config: length of the disturbance, and weight of what is added.
        seeds: that are trained at once.
        logits: whether the network gives these instead of probabilities.
    """

    config: VirtualAdversarialConfig
    seeds: int
    logits: bool

    def penalty(self, forward: Forward, images: Any, step: Any) -> Any:
        """Return what is added to the loss of each seed, float32 [seeds].

        Args:
            forward: from images to outputs, the same for the same images within a step.
            images: float32 [seeds * n, ...], 0 .. 255.
            step: number of the step; every seed begins with the same direction.
        """
        length = self.config.epsilon * PIXEL_RANGE
        wanted = tf.stop_gradient(self._log_probabilities(forward(images)))
        own = [images.shape[0] // self.seeds, *images.shape[1:]]
        drawn = tf.random.stateless_normal(own, [STREAM, tf.cast(step, tf.int32)])
        probe = PROBE * length * _direction(tf.tile(drawn, [self.seeds] + [1] * (len(own) - 1)))
        with tf.GradientTape() as tape:
            tape.watch(probe)
            found = self._log_probabilities(forward(images + probe))
            total = tf.reduce_sum(_divergence(wanted, found))
        steepest = _direction(tf.stop_gradient(tape.gradient(total, probe)))
        found = self._log_probabilities(forward(images + length * steepest))
        of_items = tf.reshape(_divergence(wanted, found), [self.seeds, -1])
        return self.config.weight * tf.reduce_mean(of_items, axis=1)

    def _log_probabilities(self, outputs: Any) -> Any:
        """Return the logarithm of the probability of each class, [n, classes]."""
        outputs = tf.cast(outputs, tf.float32)
        if self.logits and outputs.shape[-1] == 1:
            return keras.ops.log_sigmoid(tf.concat([-outputs, outputs], axis=-1))
        if self.logits:
            return tf.nn.log_softmax(outputs)
        if outputs.shape[-1] == 1:
            outputs = tf.concat([1 - outputs, outputs], axis=-1)
        return tf.math.log(tf.maximum(outputs, SMALLEST))


def _divergence(wanted: Any, found: Any) -> Any:
    """Return the Kullback-Leibler divergence of each item from logarithms of probabilities."""
    return tf.reduce_sum(tf.exp(wanted) * (wanted - found), axis=-1)


def _direction(values: Any) -> Any:
    """Scale the values of each image to the length 1; those that are all 0 stay."""
    axes = list(range(1, len(values.shape)))
    # by the largest first: squares of the gradient of a network that is sure are below float32
    scaled = values / tf.maximum(tf.reduce_max(tf.abs(values), axes, keepdims=True), TINY)
    length = tf.sqrt(tf.reduce_sum(tf.square(scaled), axes, keepdims=True))
    return scaled / tf.maximum(length, TINY)
