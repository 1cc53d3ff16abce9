"""An artist that copies pixels to the figure as they are."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from numpy.typing import NDArray


class Pixels(Artist):
    """An RGBA picture at a place given in pixels.

    Matplotlib's own images are resampled in floating point even at their natural size, which takes
    seconds for large sheets.
    """

    def __init__(self, picture: NDArray[np.uint8], left: float, bottom: float):
        super().__init__()
        self.picture, self.left, self.bottom = picture, left, bottom

    def draw(self, renderer: RendererBase) -> None:
        """Copy the picture; its first row is the topmost."""
        context = renderer.new_gc()
        renderer.draw_image(context, self.left, self.bottom, self.picture[::-1])
        context.restore()
