"""Images as they are printed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images

_RGB = 3


def printable(images: Images, *, dark: bool = True) -> NDArray[np.uint8]:
    """Return images as on paper, RGB.

    Args:
        images: [n, height, width, channels], 0..255.
        dark: whether gray ones are light on dark ground, as digits are: these become black on
            white. Others stay as they are, as those with colors do.
    """
    pixels = images.astype(np.uint8, copy=False)
    if pixels.shape[-1] == _RGB:
        return pixels
    return np.repeat(255 - pixels if dark else pixels, _RGB, axis=-1)
