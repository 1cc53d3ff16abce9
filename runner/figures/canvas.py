"""The one style of all figures, and a sheet to draw on whose title always fits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARGIN = 0.15
_TITLE, _LINE = 0.4, 0.22


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style file while a figure is made; works as a decorator too."""
    import matplotlib.style

    with matplotlib.style.context(Path(__file__).with_name("style.mplstyle")):
        yield


def chart(width: float, height: float, title: str, subtitle: str = "") -> "Figure":
    """Return a figure with a title at its left, for diagrams with axes of their own."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    lines = title + "\n" + subtitle if subtitle else title
    figure.suptitle(lines, x=0.01, ha="left")
    return figure


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of text, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), text, prop=FontProperties(size=size, weight=weight))
    return float(path.get_extents().width) / 72 if text else 0.0


def title_height(subtitle: str) -> float:
    """Height of the band that holds title and subtitle, in inches."""
    return MARGIN + _TITLE + _LINE * (subtitle.count("\n") + 1 if subtitle else 0)


def sheet(width: float, height: float, title: str, subtitle: str = "") -> "tuple[Figure, Axes]":
    """Return a figure with a title and one frameless axes of the given size, in inches.

    The figure grows to the right where the title is wider than the axes.
    """
    from matplotlib.figure import Figure

    lines = [text_width(title, 12, "bold"), *(text_width(t, 9) for t in subtitle.split("\n"))]
    full_width = max(width, *lines) + 2 * MARGIN
    band = title_height(subtitle)
    full_height = height + band + MARGIN
    figure = Figure(figsize=(full_width, full_height))
    figure.set_layout_engine("none")
    left, top = MARGIN / full_width, 1 - MARGIN / full_height
    figure.text(left, top, title, size=12, weight="bold", va="top")
    figure.text(left, top - 0.27 / full_height, subtitle, size=9, va="top", linespacing=1.35)
    box = (left, MARGIN / full_height, width / full_width, height / full_height)
    axes = figure.add_axes(box)
    axes.set_axis_off()
    return figure, axes
