"""The one style of all figures, and pages to draw them on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.base.lazy import matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BAR = 0.95
OUTLINE = "#CCCCCC"
"""Color of the line around pictures."""
_MARGIN, _TITLE, _LINE, _BELOW_TITLE = 0.15, 0.4, 0.22, 0.27
_TITLE_SIZE, _SUBTITLE_SIZE = 12, 9


@contextmanager
def styled() -> Iterator[None]:
    """Apply the style file while a figure is made; works as a decorator too."""
    with matplotlib.style.context(Path(__file__).with_name("style.mplstyle")):
        yield


def chart(width: float, height: float, title: str, subtitle: str = "") -> Figure:
    """Return a figure with a title at its left, for diagrams that Matplotlib lays out.

    Titles look like those of a `Page`: what is shown, in bold, and below it in plain letters how
    many there are and how to read it. A figure too narrow for them is widened.

    Args:
        width: of the figure, in inches.
        height: of the same.
        title: of one line.
        subtitle: of any number of lines.
    """
    size = max(width, _text_width(title, subtitle) + 2 * _MARGIN), height
    below = 1 - (_band(subtitle) - 0.1) / height  # diagrams have some room above them
    layout = matplotlib.layout_engine.ConstrainedLayoutEngine(rect=(0, 0, 1, below))
    figure = matplotlib.figure.Figure(figsize=size, layout=layout)
    _write_titles(figure, title, subtitle)
    return figure


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of one line of text, in inches."""
    if not text:
        return 0.0
    path = matplotlib.textpath.TextPath(
        (0, 0), text, prop=matplotlib.font_manager.FontProperties(size=size, weight=weight)
    )
    return float(path.get_extents().width) / 72


def outlined(axes: Axes) -> Axes:
    """Draw a thin line around axes: many pictures are as white at their edges as the page is."""
    axes.set_axis_on()
    axes.grid(visible=False)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=OUTLINE, linewidth=0.6)
    return axes


class Page:
    """A figure laid out in inches, for sheets of many pictures.

    Positions are distances from the left margin and from below the title. The page grows to the
    right where its title is wider than what it holds.
    """

    def __init__(self, width: float, height: float, title: str, subtitle: str = ""):
        self._band = _band(subtitle)
        self._width = max(width, _text_width(title, subtitle)) + 2 * _MARGIN
        self._height = height + self._band + _MARGIN
        self.figure = matplotlib.figure.Figure(figsize=(self._width, self._height))
        self.figure.set_layout_engine("none")
        _write_titles(self.figure, title, subtitle)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return frameless axes."""
        x = (_MARGIN + left) / self._width
        y = 1 - (self._band + top + height) / self._height
        axes = self.figure.add_axes((x, y, width / self._width, height / self._height))
        axes.set_axis_off()
        return axes

    def picture(self, image: Any, left: float, top: float, width: float, height: float) -> Axes:
        """Draw an image with a line around it; return its axes."""
        axes = outlined(self.axes(left, top, width, height))
        axes.imshow(image)
        return axes

    def write(self, left: float, top: float, text: str, **options: Any) -> None:
        """Write text whose top left corner is at a position, unless options align it otherwise."""
        x = (_MARGIN + left) / self._width
        y = 1 - (self._band + top) / self._height
        self.figure.text(x, y, text, **dict[str, Any](size=8, va="top") | options)

    def bar(self, picture: Any, left: float, height: float, label: str) -> None:
        """Draw a color bar, `BAR` wide with its numbers, pointed where values are beyond it."""
        axes = self.axes(left + 0.15, 0, 0.14, height)
        axes.set_axis_on()
        axes.grid(visible=False)
        colors = self.figure.colorbar(picture, cax=axes, extend=_extend(picture))
        colors.set_label(label, size=8)
        colors.ax.tick_params(labelsize=7)


def _write_titles(figure: Figure, title: str, subtitle: str) -> None:
    """Write title and subtitle into the top left corner."""
    width, height = figure.get_size_inches()
    left, top = _MARGIN / width, 1 - _MARGIN / height
    figure.text(left, top, title, size=_TITLE_SIZE, weight="bold", va="top").set_in_layout(False)
    below = top - _BELOW_TITLE / height
    lines = figure.text(left, below, subtitle, size=_SUBTITLE_SIZE, va="top", linespacing=1.35)
    lines.set_in_layout(False)


def _band(subtitle: str) -> float:
    """Return the height that the titles take at the top, in inches."""
    return _MARGIN + _TITLE + _LINE * (subtitle.count("\n") + 1 if subtitle else 0)


def _text_width(title: str, subtitle: str) -> float:
    below = (text_width(line, _SUBTITLE_SIZE) for line in subtitle.split("\n"))
    return max(text_width(title, _TITLE_SIZE, "bold"), *below)


def _extend(picture: Any) -> str:
    """Return at which ends of its scale a picture has values beyond it, in Matplotlib's words."""
    (low, high), values = picture.get_clim(), picture.get_array()
    below, above = bool((values < low).any()), bool((values > high).any())
    return {(True, True): "both", (True, False): "min", (False, True): "max"}.get(
        (below, above), "neither"
    )
