"""Many small maps of numbers as one picture with one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib
from runner.figures.canvas import BAR, Page, styled, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_LARGEST, _WIDEST, _SMALLEST, _LEAST_SIDE = 0.75, 13.0, 0.17, 16


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


def mosaic(tiles: NDArray[np.floating]) -> NDArray[np.float32]:
    """Put tiles [rows, columns, height, width] into one array, enlarged, NaN between them."""
    times = enlargement(tiles.shape)
    large = tiles.astype(np.float32).repeat(times, axis=2).repeat(times, axis=3)
    gap = _gap(times * tiles.shape[3])
    edge = ((0, 0), (0, 0), (0, gap), (0, gap))
    padded = np.pad(large, edge, constant_values=np.nan)
    rows, columns, height, width = padded.shape
    return padded.swapaxes(1, 2).reshape(rows * height, columns * width)[:-gap, :-gap]


def enlargement(shape: tuple[int, ...]) -> int:
    """Return the factor by which small tiles are enlarged, so that the gaps can be narrow."""
    return -(-_LEAST_SIDE // max(shape[2:]))


def gallery(tiles: NDArray[np.floating], columns: int) -> NDArray[np.float32]:
    """Arrange tiles [n, height, width] in rows, [rows, columns, height, width], the rest NaN."""
    columns = max(1, min(columns, len(tiles)))
    missing = -len(tiles) % columns
    filled = np.pad(
        tiles.astype(np.float32), ((0, missing), (0, 0), (0, 0)), constant_values=np.nan
    )
    return filled.reshape(-1, columns, *tiles.shape[1:])


def show_tiles(axes: Axes, tiles: NDArray[np.floating], scale: Scale) -> AxesImage:
    """Draw tiles [rows, columns, height, width]."""
    colors = matplotlib.colormaps[scale.colors].with_extremes(bad=scale.between)
    picture = axes.imshow(mosaic(tiles), cmap=colors, interpolation="nearest")
    picture.set_clim(scale.low, scale.high)
    return picture


def centers(shape: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pixel coordinates of the middles of the mosaic's rows and columns."""
    times = enlargement(shape)
    gap = _gap(times * shape[3])
    rows, columns, height, width = shape
    down = (times * height - 1) / 2 + np.arange(float(rows)) * (times * height + gap)
    across = (times * width - 1) / 2 + np.arange(float(columns)) * (times * width + gap)
    return down, across


@styled()
def draw_tiles(
    tiles: NDArray[np.floating],
    scale: Scale,
    *,
    title: str,
    subtitle: str = "",
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
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
    return page.figure


def _gap(side: int) -> int:
    return max(1, side // 9)
