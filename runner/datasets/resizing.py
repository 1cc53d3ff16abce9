"""Cropping of borders and resizing of images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.errors import ConfigurationError

_AT_ONCE = 10_000


def crop_border(images: Images, border: int) -> Images:
    """Cut off so many rows and columns at each side.

    Raises:
        ConfigurationError: nothing would be left.
    """
    height, width = images.shape[1:3]
    if 2 * border >= min(height, width):
        raise ConfigurationError(
            f"dataset.source.border={border}: nothing is left of images of {height} x {width}; "
            f"choose {(min(height, width) - 1) // 2} or less"
        )
    return images[:, border : height - border, border : width - border]


def resize_images(images: Images, sides: Sequence[int]) -> Images:
    """Bring images, uint8 [n, height, width, channels], to another height and width.

    Each pixel is a mean weighted by a triangle as wide as two of its own, or of the stored ones
    where these are larger: bilinear, without aliasing.
    """
    down, across = (
        _weights(stored, side) for stored, side in zip(images.shape[1:3], sides, strict=True)
    )
    resized = np.empty((len(images), *sides, images.shape[3]), np.uint8)
    for start in range(0, len(images), _AT_ONCE):  # float32 takes four times the memory
        batch = np.moveaxis(images[start : start + _AT_ONCE], 3, 1).astype(np.float32)
        resized[start : start + _AT_ONCE] = np.moveaxis(np.rint(down @ batch @ across.T), 1, 3)
    return resized


def _weights(stored: int, side: int) -> NDArray[np.float32]:
    """Return how much each stored pixel counts for each wanted one, [side, stored]."""
    scale = stored / side
    centers = (np.arange(side)[:, None] + 0.5) * scale - 0.5
    distances = np.abs(np.arange(stored) - centers) / max(scale, 1)
    triangle = np.maximum(0, 1 - distances)
    weights: NDArray[np.float32] = (triangle / triangle.sum(1, keepdims=True)).astype(np.float32)
    return weights
