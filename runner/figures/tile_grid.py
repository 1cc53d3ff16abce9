"""Many small maps of numbers as one picture with one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib
from runner.base.option_types import Language
from runner.figures.canvas import BAR, Page, styled, text_width
from runner.figures.tick_numbers import write_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_LARGEST, _WIDEST, _SMALLEST, _LEAST_SIDE = 0.75, 13.0, 0.17, 16
_LABEL = 0.15
"""Height of a number above a tile, in inches."""
_NUMBER_SIZE = 6
_FRAME: dict[str, Any] = {"fill": False, "edgecolor": "#BBBBBB", "linewidth": 0.4, "clip_on": False}


@dataclass(frozen=True)
class Scale:
    """What shades of gray mean.

    Attributes:
        low: value of the lightest or, for `gray`, darkest shade.
        high: value of the other end.
        label: quantity and unit.
        colors: name of a Matplotlib color map.
        between: color of the space between tiles.
    """

    low: float
    high: float
    label: str
    colors: str = "gray_r"
    between: str = "#D3E3F0"


def symmetric(
    values: NDArray[np.floating], label: str, interval: Sequence[float] | None = None
) -> Scale:
    """Return a scale from black to white; without an interval 0 is the middle gray."""
    reach = float(np.abs(values).max()) or 1.0
    low, high = interval or (-reach, reach)
    return Scale(low, high, label, "gray", between="white")


@dataclass(frozen=True)
class Spacing:
    """How tiles stand in a mosaic, in its pixels.

    Attributes:
        times: factor by which small tiles are enlarged, so that gaps can be narrow.
        gap: between columns, and between rows.
        above: a tile, for its number.
    """

    times: int
    gap: int
    above: int

    @classmethod
    def of(cls, shape: tuple[int, ...], side: float | None = None) -> Spacing:
        """Return the spacing of tiles [rows, columns, height, width].

        Args:
            shape: of the tiles.
            side: of a column in inches, where tiles have numbers above them; None is without.
        """
        times = -(-_LEAST_SIDE // max(shape[2:]))
        width = times * shape[3]
        gap = max(1, width // 9)
        return cls(times, gap, 0 if side is None else round(_LABEL / side * (width + gap)))


def mosaic(tiles: NDArray[np.floating], spacing: Spacing | None = None) -> NDArray[np.float32]:
    """Put tiles [rows, columns, height, width] into one array, enlarged, NaN between them."""
    spacing = spacing or Spacing.of(tiles.shape)
    times, gap = spacing.times, spacing.gap
    large = tiles.astype(np.float32).repeat(times, axis=2).repeat(times, axis=3)
    edge = ((0, 0), (0, 0), (spacing.above, gap), (0, gap))
    padded = np.pad(large, edge, constant_values=np.nan)
    rows, columns, height, width = padded.shape
    return padded.swapaxes(1, 2).reshape(rows * height, columns * width)[:-gap, :-gap]


def gallery(tiles: NDArray[np.floating], columns: int) -> NDArray[np.float32]:
    """Arrange tiles [n, height, width] in rows, [rows, columns, height, width], the rest NaN."""
    columns = max(1, min(columns, len(tiles)))
    missing = -len(tiles) % columns
    filled = np.pad(
        tiles.astype(np.float32), ((0, missing), (0, 0), (0, 0)), constant_values=np.nan
    )
    return filled.reshape(-1, columns, *tiles.shape[1:])


def show_tiles(
    axes: Axes, tiles: NDArray[np.floating], scale: Scale, spacing: Spacing | None = None
) -> AxesImage:
    """Draw tiles [rows, columns, height, width]."""
    colors = matplotlib.colormaps[scale.colors].with_extremes(bad=scale.between)
    picture = axes.imshow(mosaic(tiles, spacing), cmap=colors, interpolation="nearest")
    picture.set_clim(scale.low, scale.high)
    return picture


def show_gallery(
    axes: Axes, tiles: NDArray[np.floating], count: int, scale: Scale, side: float
) -> AxesImage:
    """Draw tiles [rows, columns, height, width] of a gallery, each below its number.

    Args:
        axes: to draw on.
        tiles: see `gallery`.
        count: of them that are more than empty paper.
        scale: of their values.
        side: of a column, in inches; see `gallery_height`.
    """
    spacing = Spacing.of(tiles.shape, side)
    picture = show_tiles(axes, tiles, replace(scale, between="white"), spacing)
    down, across = centers(tiles.shape, spacing)
    height, width = (spacing.times * length for length in tiles.shape[2:])
    for number in range(count):
        row, column = divmod(number, tiles.shape[1])
        left, top = across[column] - width / 2, down[row] - height / 2
        axes.text(left, top - spacing.gap / 2, str(number), size=_NUMBER_SIZE, color="#555555")
        frame = matplotlib.patches.Rectangle((left, top), width, height, **_FRAME)
        axes.add_patch(frame)
    return picture


def gallery_height(shape: tuple[int, ...], side: float) -> float:
    """Return the height of tiles [rows, columns, height, width] with their numbers, in inches."""
    spacing = Spacing.of(shape, side)
    across = spacing.times * shape[3] + spacing.gap
    down = spacing.above + spacing.times * shape[2] + spacing.gap
    return shape[0] * side * down / across


def numbered_mosaic(tiles: NDArray[np.floating]) -> NDArray[np.float32]:
    """Put tiles [rows, columns, height, width] into one array as `draw_gallery` shows them."""
    return mosaic(tiles, Spacing.of(tiles.shape, _LARGEST))


def centers(
    shape: tuple[int, ...], spacing: Spacing | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pixel coordinates of the middles of the mosaic's rows and columns."""
    spacing = spacing or Spacing.of(shape)
    rows, columns, height, width = shape
    tall, wide = spacing.times * height, spacing.times * width
    down = spacing.above + (tall - 1) / 2
    step = tall + spacing.gap + spacing.above
    across = (wide - 1) / 2 + np.arange(float(columns)) * (wide + spacing.gap)
    return down + np.arange(float(rows)) * step, across


@styled()
def draw_tiles(
    tiles: NDArray[np.floating],
    scale: Scale,
    *,
    title: str,
    subtitle: str = "",
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
    language: Language = "en",
) -> Figure:
    """Draw tiles [rows, columns, height, width] with names at their edges and a color bar."""
    rows, columns, height, width = tiles.shape
    side = max(_SMALLEST, min(_LARGEST, _WIDEST / columns))
    left = max((text_width(name, 7) for name in row_names), default=0) + 0.1 * bool(row_names)
    top = 0.18 if column_names else 0.0
    across, down = columns * side, rows * side * height / width
    page = Page(left + across + BAR, top + max(down, 1.2), title, subtitle)
    axes = page.axes(left, top, across, down)
    picture = show_tiles(axes, tiles, scale)
    size = 7 if side > 0.2 else 5  # noqa: PLR2004
    axes.set_axis_on()
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, pad=2, labelsize=size, labeltop=True, labelbottom=False)
    down_at, across_at = centers(tiles.shape)
    axes.set_xticks(across_at[: len(column_names)], column_names)
    axes.set_yticks(down_at[: len(row_names)], row_names)
    page.bar(picture, left + across, min(max(down, 1.2), 3.5), scale.label)
    return write_ticks(page.figure, language)


@styled()
def draw_gallery(
    pictures: NDArray[np.floating],
    columns: int,
    scale: Scale,
    *,
    title: str,
    subtitle: str = "",
    language: Language = "en",
) -> Figure:
    """Draw pictures [n, height, width] in rows, each below its number, with a color bar."""
    tiles = gallery(pictures, columns)
    across, down = tiles.shape[1] * _LARGEST, gallery_height(tiles.shape, _LARGEST)
    page = Page(across + BAR, max(down, 1.2), title, subtitle)
    axes = page.axes(0, 0, across, down)
    picture = show_gallery(axes, tiles, len(pictures), scale, _LARGEST)
    page.bar(picture, across, min(max(down, 1.2), 3.5), scale.label)
    return write_ticks(page.figure, language)
