"""Contact sheets: many small images, each above its caption.

Images and captions are put into one array, because Matplotlib takes a millisecond for each text and
there may be thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import PIL, matplotlib
from runner.figures.canvas import OUTLINE, Page, styled
from runner.figures.paper import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDES = {30: 140, 200: 84}
_SMALLEST_SIDE = 56
_NARROWEST_PAGE = 1440
_GAP = 14
_TEXT = 12
_LINE = 16
_FRAME = "#D55E00"


@dataclass(frozen=True)
class SheetLayout:
    """Sizes of a contact sheet in pixels."""

    columns: int
    width: int
    height: int
    cell_width: int
    cell_height: int

    def corner(self, index: int) -> tuple[int, int]:
        """Return x, y of an image's top left corner."""
        row, column = divmod(index, self.columns)
        return column * self.cell_width + 1, row * self.cell_height + 1  # for its outline


@styled()
def contact_sheet(
    images: Images,
    captions: Sequence[str],
    *,
    title: str,
    subtitle: str = "",
    columns: int | None = None,
    framed: NDArray[np.bool_] | None = None,
    colors: Sequence[str] | None = None,
) -> Figure:
    """Draw images [n, height, width, 1 or 3], 0..255, each above its caption of any lines.

    Args:
        images: to be drawn.
        captions: one for each.
        title: of the figure.
        subtitle: below it.
        columns: of the sheet; None chooses.
        framed: [n], which images have a frame; None is none.
        colors: one for each caption; None is black.
    """
    layout = arrange(images.shape[1:3], captions, columns)
    frames = np.zeros(len(images), bool) if framed is None else framed
    picture = paste(printable(images), captions, frames, layout, colors)
    height, width = np.array(picture.shape[:2]) / matplotlib.rcParams["figure.dpi"]
    page = Page(width, height, title, subtitle)
    corner = page.axes(0, 0, width, height).get_window_extent().min
    page.figure.add_artist(_pixels(picture, corner / matplotlib.rcParams["figure.dpi"], width))
    return page.figure


def arrange(shape: tuple[int, ...], captions: Sequence[str], columns: int | None) -> SheetLayout:
    """Choose sizes: the more images, the smaller; enlarged by whole factors where that is near."""
    font = _font()
    side = next((s for most, s in _SIDES.items() if len(captions) <= most), _SMALLEST_SIDE)
    scale = side / max(shape)
    scale = round(scale) if scale >= 1 else scale
    height, width = (max(1, round(scale * length)) for length in shape)
    lines = {line for caption in captions for line in caption.split("\n")}
    widest = max((font.getlength(line) for line in lines), default=0)
    cell_width = ceil(max(width, widest)) + _GAP
    below = max((caption.count("\n") + 1 for caption in captions), default=1) * _LINE
    cell_height = height + below + _GAP
    page = max(_NARROWEST_PAGE, sqrt(len(captions) * cell_width * cell_height))
    columns = min(columns or int(page / cell_width), len(captions))
    return SheetLayout(max(1, columns), width, height, cell_width, cell_height)


def paste(
    images: NDArray[np.uint8],
    captions: Sequence[str],
    framed: NDArray[np.bool_],
    layout: SheetLayout,
    colors: Sequence[str] | None = None,
) -> NDArray[np.uint8]:
    """Return the sheet as one RGBA array."""
    inks = colors or ["black"] * len(images)
    font, size = _font(), (layout.width, layout.height)
    rows = ceil(len(images) / layout.columns) or 1
    sheet_size = (layout.columns * layout.cell_width, rows * layout.cell_height)
    canvas = PIL.Image.new("RGBA", sheet_size, "white")
    draw = PIL.ImageDraw.Draw(canvas)
    enlarged = layout.width >= images.shape[2]
    method = PIL.Image.Resampling.NEAREST if enlarged else PIL.Image.Resampling.BOX
    for index, (image, caption, ink) in enumerate(zip(images, captions, inks, strict=True)):
        x, y = layout.corner(index)
        canvas.paste(PIL.Image.fromarray(image).resize(size, method), (x, y))
        right, below = x + layout.width, y + layout.height
        draw.rectangle((x - 1, y - 1, right, below), outline=OUTLINE)
        if framed[index]:
            draw.rectangle((x, y, right - 1, below - 1), outline=_FRAME, width=4)
        draw.multiline_text((x, below + 2), caption, ink, font, spacing=2)
    return np.asarray(canvas)


def _font() -> Any:
    return PIL.ImageFont.truetype(
        Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf"), _TEXT
    )


def _pixels(
    picture: NDArray[np.uint8], corner: NDArray[np.float64], width: float
) -> matplotlib.artist.Artist:
    """Return an artist that copies an RGBA picture to a position.

    Matplotlib's own images are resampled in floating point even at their natural size, which takes
    seconds for large sheets.

    Args:
        picture: [height, width, 4].
        corner: left and bottom, in inches.
        width: of the picture, in inches.
    """

    class Pixels(matplotlib.artist.Artist):
        def __init__(self) -> None:
            super().__init__()
            self.picture = picture

        def draw(self, renderer: matplotlib.backend_bases.RendererBase) -> None:
            context = renderer.new_gc()
            upwards = self.picture[::-1]  # its first row is the topmost
            inch = float(renderer.points_to_pixels(72))  # type: ignore[arg-type]
            left, bottom = (inch * length for length in corner.tolist())
            if renderer.option_scale_image():  # of SVG and PDF, whose pixels are points
                wide = inch * width
                high = wide * len(upwards) / upwards.shape[1]
                size = matplotlib.transforms.Affine2D().scale(wide, high)
                renderer.draw_image(context, left, bottom, upwards, size)
            else:
                renderer.draw_image(context, round(left), round(bottom), upwards)
            context.restore()

    return Pixels()
