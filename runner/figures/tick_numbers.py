"""Numbers at the axes of a figure, as the language of a run writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.language import written
from runner.base.lazy import matplotlib
from runner.base.option_types import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PLAIN = re.compile(r"([-\N{MINUS SIGN}]?)(\d+)(\.\d+)?")
_NARROW = 8.0
"""Ratio of the end of a logarithmic axis to its least value that has too few powers of ten."""
_GROUPED = 10_000
"""Thousands are grouped from this number on: a year has no comma."""


def write_ticks(figure: Figure, language: Language) -> Figure:
    """Write the numbers at all axes of a figure in a language, and return it.

    To be called when everything is drawn; ticks with texts of their own stay as they are.
    """
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            for ticks in (axis.major, axis.minor):
                if not isinstance(ticks.formatter, matplotlib.ticker.FixedFormatter):
                    _localize(ticks.formatter, language)
    return figure


def plain_ticks(axes: Axes, values: NDArray[np.float64]) -> None:
    """Write 40, not 4 x 10^1, beside a logarithmic axis of values, and more where it is short.

    Args:
        axes: whose vertical axis is logarithmic.
        values: that are drawn; those above 0 count.
    """
    if axes.get_ylim()[1] < _NARROW * values[values > 0].min():
        axes.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(6))
        axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(_sparse_minor_labels)


def _sparse_minor_labels(value: float, _position: float) -> str:
    leading = f"{value:e}"[0]
    return f"{value:g}" if leading in "25" else ""


def localized(text: str, language: Language) -> str:
    """Put the label of a tick into a language, if it is a plain number."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return text
    sign, whole, fraction = found.group(1), found.group(2), found.group(3) or ""
    grouped = f"{int(whole):,}" if int(whole) >= _GROUPED else whole
    return sign + written(grouped + fraction, language)


def _localize(formatter: Any, language: Language) -> None:
    """Make a formatter write in a language.

    Matplotlib takes the decimal comma from the operating system's locale alone, which need not have
    Portuguese.
    """
    write = formatter.format_ticks

    def write_all(values: Any) -> list[str]:
        return [localized(text, language) for text in write(values)]

    formatter.format_ticks = write_all
