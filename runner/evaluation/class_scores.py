"""The scores of classes before softmax or sigmoid, and their gradients with respect to pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.lazy import keras, tf
from runner.models.layer_outputs import scores
from runner.training.inference import batch_size

Pixels = NDArray[np.float32]
Rows = NDArray[np.int64]


class ClassScores:
    """The score of one class for each image, as a function that has gradients.

    Args:
        network: takes raw pixels, 0..255.
    """

    def __init__(self, network: keras.Model) -> None:
        self._inner = keras.Model(network.inputs, scores(network))

    def __call__(self, images: Images, classes: Labels) -> NDArray[np.float32]:
        """Return the score of a class for each image, float32 [n]."""
        found = np.zeros(len(images), np.float32)
        for rows in batches(images, len(images)):
            values = self._inner(tf.constant(images[rows], tf.float32), training=False)
            found[rows] = tf.gather(values, classes[rows], axis=1, batch_dims=1)
        return found

    def gradients(self, images: Images, classes: Labels) -> Pixels:
        """Return the gradient of the score of a class for each image, of the images' shape."""
        return self.mean_gradients(images, classes, lambda pixels, *_: pixels, 1)

    def mean_gradients(
        self,
        images: Images,
        classes: Labels,
        version: Callable[[Pixels, Rows, Rows], Pixels],
        count: int,
    ) -> Pixels:
        """Return the mean gradient over versions of each image, of the images' shape.

        Args:
            images: [n, height, width, channels].
            classes: one for each image.
            version: from pixels, [m, height, width, channels], the number of the version that is
                wanted of each, [m], and the number of its image, [m], to the changed pixels.
            count: number of versions.
        """
        sums = np.zeros(images.shape, np.float32)
        for rows in batches(images, len(images) * count):
            image, number = rows // count, rows % count
            changed = version(images[image].astype(np.float32), number, image)
            np.add.at(sums, image, self._gradients(changed, classes[image]))
        return sums / np.float32(count)

    def _gradients(self, pixels: Pixels, classes: Labels) -> Pixels:
        inputs = tf.constant(pixels)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            values = tf.cast(self._inner(inputs, training=False), tf.float32)
            score = tf.reduce_sum(tf.gather(values, classes, axis=1, batch_dims=1))
        return np.asarray(tape.gradient(score, inputs))


def batches(images: Images, count: int) -> Iterator[Rows]:
    """Cut `count` versions of such images into batches; yield the numbers of each batch."""
    size = batch_size(images)
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))
