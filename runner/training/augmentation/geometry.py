"""Augmentations that move pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from runner.base.lazy import tf
from runner.base.option_types import Count, Fraction, NonNegative, Positive
from runner.training.augmentation import Augmentation, draws, of_images

SHIFTS = [(1, 1), (2, 1), (0, 1), (1, 0), (1, 2)]
"""Where an image with a border of one pixel is cropped for itself and for its shifts N, S, E, W.

Cropping lower moves the image north.
"""


def shift4() -> Augmentation:
    """Show each image five times an epoch: as it is and moved by one pixel N, S, E and W."""

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        del seed
        height, width = images.shape[1:3]
        outside = _background(images)
        padded = tf.pad(images - outside, [[0, 0], [1, 1], [1, 1], [0, 0]]) + outside
        crops = [padded[:, top : top + height, left : left + width] for top, left in SHIFTS]
        return tf.gather(tf.stack(crops, axis=1), version, batch_dims=1), targets

    return Augmentation(apply, copies=len(SHIFTS))


def flip(*, probability: Fraction) -> Augmentation:
    """Mirror an image left to right, with a probability; not for digits and letters."""

    def change(images: Any, seed: Any) -> Any:
        chosen = draws.uniform(seed, [images.shape[0], 1, 1, 1], 0) < probability
        return tf.where(chosen, tf.reverse(images, axis=[2]), images)

    return of_images(change)


def crop(*, padding: Count) -> Augmentation:
    """Move each image by whole pixels: add a border of background and cut out at random.

    Args:
        padding: width of the border, and so the most pixels that an image is moved along an axis.
    """

    def change(images: Any, seed: Any) -> Any:
        batch, height, width = images.shape[:3]
        outside = _background(images)
        border = [padding, padding]
        padded = tf.pad(images - outside, [[0, 0], border, border, [0, 0]]) + outside
        corner = draws.integers(seed, [2, batch, 1], 1, 2 * padding + 1)
        rows = tf.gather(padded, corner[0] + tf.range(height), axis=1, batch_dims=1)
        return tf.gather(rows, corner[1] + tf.range(width), axis=2, batch_dims=1)

    return of_images(change)


def affine(
    *,
    shift: NonNegative,
    rotation: NonNegative,
    zoom: Fraction,
    shear: NonNegative,
) -> Augmentation:
    """Shift, turn, scale and shear each image by amounts of its own, in one bilinear resampling.

    Args:
        shift: pixels, up to which it is moved along each axis.
        rotation: degrees, up to which it is turned to either side.
        zoom: fraction by which it is enlarged or reduced at most.
        shear: degrees, up to which verticals are tilted to either side.
    """
    limits = [shift, shift, math.radians(rotation), zoom, math.tan(math.radians(shear))]

    def change(images: Any, seed: Any) -> Any:
        drawn = draws.uniform(seed, [5, images.shape[0], 1, 1], 1, -1.0, 1.0)
        return transform(images, [drawn[i] * limit for i, limit in enumerate(limits)])

    return of_images(change)


def transform(images: Any, amounts: Sequence[Any]) -> Any:
    """Shift, turn, scale and shear images, in one bilinear resampling.

    Args:
        images: float32 [batch, height, width, channels].
        amounts: pixels up, pixels to the left, radians, fraction of enlargement, and tangent of
            the angle by which verticals are tilted; each float32 [batch, 1, 1], or [1, 1, 1] for
            all images alike.
    """
    down, right, turn, scale, tilt = amounts
    batch, height, width = images.shape[:3]
    rows = tf.range(height, dtype=tf.float32)[None, :, None] - (height - 1) / 2
    columns = tf.range(width, dtype=tf.float32)[None, None, :] - (width - 1) / 2
    # where each pixel comes from: the inverse of what is seen
    size = 1 / (1 + scale)
    tilted = columns + tilt * rows
    from_rows = size * (tf.cos(turn) * rows - tf.sin(turn) * tilted) + down + (height - 1) / 2
    from_columns = size * (tf.sin(turn) * rows + tf.cos(turn) * tilted) + right + (width - 1) / 2
    places = [tf.broadcast_to(each, [batch, height, width]) for each in (from_rows, from_columns)]
    return _resample(images, *places)


def elastic(*, strength: Positive, smoothness: Positive) -> Augmentation:
    """Distort each image by a smooth random displacement of its pixels (Simard et al. 2003).

    Args:
        strength: root mean square of the displacement along each axis, in pixels.
        smoothness: standard deviation of the Gaussian that smooths it, in pixels.
    """

    def gaussian(side: int) -> Any:
        places = np.arange(side)
        weights = np.exp(-((places[:, None] - places) ** 2) / (2 * smoothness**2))
        # rows of unit length keep the variance of the noise they average
        return (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype(np.float32)

    def change(images: Any, seed: Any) -> Any:
        batch, height, width = images.shape[:3]
        noise = draws.normal(seed, [2, batch, height, width], 1)
        smooth = tf.einsum("hr,abrc,wc->abhw", gaussian(height), noise, gaussian(width))
        moved = smooth * strength
        rows = tf.range(height, dtype=tf.float32)[None, :, None] + moved[0]
        columns = tf.range(width, dtype=tf.float32)[None, None, :] + moved[1]
        return _resample(images, rows, columns)

    return of_images(change)


def _resample(images: Any, rows: Any, columns: Any) -> Any:
    """Return the images at places between pixels, bilinear, their background outside.

    Args:
        images: float32 [batch, height, width, channels].
        rows: of each wanted pixel, float32 [batch, height, width]; 0 is the middle of the first.
        columns: likewise.
    """
    batch, height, width, channels = images.shape
    outside = _background(images)
    flat = tf.reshape(
        tf.pad(images - outside, [[0, 0], [1, 1], [1, 1], [0, 0]]),
        [batch, (height + 2) * (width + 2), channels],
    )
    rows = tf.clip_by_value(rows + 1, 0.0, height + 0.999)
    columns = tf.clip_by_value(columns + 1, 0.0, width + 0.999)
    top, left = tf.floor(rows), tf.floor(columns)
    lower, righter = (rows - top)[..., None], (columns - left)[..., None]
    corner = tf.cast(top, tf.int32) * (width + 2) + tf.cast(left, tf.int32)

    def at(offset: int) -> Any:
        return tf.gather(flat, corner + offset, batch_dims=1)

    upper = at(0) * (1 - righter) + at(1) * righter
    below = at(width + 2) * (1 - righter) + at(width + 3) * righter
    return upper * (1 - lower) + below * lower + outside


def _background(images: Any) -> Any:
    """Return the median of each image's four corners, [batch, 1, 1, channels].

    Not the nearest pixel: that draws out clothes that are cut by the edge of their image.
    """
    corners = tf.stack(
        [images[:, row : row + 1 or None, column : column + 1 or None]
         for row in (0, -1) for column in (0, -1)]
    )  # fmt: skip
    middle = tf.reduce_sum(corners, 0) - tf.reduce_max(corners, 0) - tf.reduce_min(corners, 0)
    return middle / 2
