"""Augmentations that hide or mix what images show."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import scipy, tf
from runner.base.option_types import Count, Fraction, Pixel, Positive
from runner.training.augmentation import Augmentation, draws, of_images

QUANTILES = 1_024


def erasing(*, probability: Fraction, smallest: Fraction, largest: Fraction) -> Augmentation:
    """Blank a rectangle at a random place (Zhong et al. 2017).

    Args:
        probability: of an image to be hit.
        smallest: height and width of the rectangle, as a fraction of the image's, at least.
        largest: the same, at most; the rectangle may stick out of the image.
    """

    def change(images: Any, seed: Any) -> Any:
        batch, height, width = images.shape[:3]
        drawn = draws.uniform(seed, [5, batch, 1, 1, 1], 1)
        half = (smallest + (largest - smallest) * drawn[:2]) / 2
        rows = (tf.range(height, dtype=tf.float32)[None, :, None, None] + 0.5) / height
        columns = (tf.range(width, dtype=tf.float32)[None, None, :, None] + 0.5) / width
        inside = (tf.abs(rows - drawn[2]) < half[0]) & (tf.abs(columns - drawn[3]) < half[1])
        return tf.where(inside & (drawn[4] < probability), 0.0, images)

    return of_images(change)


def cutout(*, size: Count, fill: Literal["mean"] | Pixel) -> Augmentation:
    """Hide a square of each image, its center at any pixel (DeVries and Taylor 2017).

    Args:
        size: side of the square, in pixels; where it sticks out of the image, less is hidden.
        fill: the pixel value instead, or `mean`: of each channel, over the images of the batch.
    """

    def change(images: Any, seed: Any) -> Any:
        batch, height, width = images.shape[:3]
        center = draws.uniform(seed, [2, batch, 1, 1, 1], 1) * [[[[[height]]]], [[[[width]]]]]
        corner = tf.cast(center, tf.int32) - size // 2
        rows = tf.range(height)[:, None, None] - corner[0]
        columns = tf.range(width)[:, None] - corner[1]
        hidden = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
        return tf.where(hidden, _means(images, seed.shape[0]) if fill == "mean" else fill, images)

    return of_images(change)


def _means(images: Any, seeds: int) -> Any:
    """Return the mean of each channel over the images of the same seed, for each image."""
    batch, *_, channels = images.shape
    of_seeds = tf.reduce_mean(tf.reshape(images, [seeds, -1, channels]), axis=1)
    return tf.repeat(of_seeds, batch // seeds, axis=0)[:, None, None]


def mixup(*, alpha: Positive) -> Augmentation:
    """Blend each image, and its targets, with the next of the batch (Zhang et al. 2017).

    Needs a loss over all classes: `categorical_crossentropy`, `mean_squared_error`, or
    `binary_crossentropy` for two classes.

    Args:
        alpha: of the Beta(alpha, alpha) distribution of the share each of the two gets.
    """

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        del version
        drawn = draws.integers(seed, [images.shape[0]], 0, QUANTILES)
        share = tf.gather(_beta_quantiles(alpha), drawn)
        blend = partial(_blend, share=share, seeds=seed.shape[0])
        return blend(images), blend(targets)

    return Augmentation(apply, mixes_targets=True, takes_tables=True)


def _blend(values: Any, share: Any, seeds: int) -> Any:
    """Blend values with the next of the same seed's, each with a share of its own."""
    share = tf.reshape(share, [-1] + [1] * (len(values.shape) - 1))
    by_seed = tf.reshape(values, [seeds, -1, *values.shape[1:]])
    following = tf.reshape(tf.roll(by_seed, 1, axis=1), [-1, *values.shape[1:]])
    return share * values + (1 - share) * following


def _beta_quantiles(alpha: float) -> NDArray[np.float32]:
    """Return quantiles of Beta(alpha, alpha): XLA draws from it by picking one of these."""
    probabilities = (np.arange(QUANTILES) + 0.5) / QUANTILES
    quantiles: NDArray[np.float32] = scipy.stats.beta.ppf(probabilities, alpha, alpha).astype(
        np.float32
    )
    return quantiles
