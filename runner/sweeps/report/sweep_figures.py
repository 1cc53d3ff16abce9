"""Figures of a sweep: error against each varied value, and parallel coordinates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.language import numbers_in_language
from runner.base.lazy import matplotlib
from runner.base.option_types import Language
from runner.config.naming import short_key
from runner.figures.canvas import chart, styled, text_width
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator
from runner.sweeps.report.size_figure import SIZE, draw_sizes, sentence_case, sized
from runner.sweeps.report.sweep_language import PHRASES
from runner.sweeps.report.sweep_table import JobRow, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LOGARITHMIC = 20
"""Ratio of the largest to the smallest value from which an axis is logarithmic."""
_LINE = 0.06
"""Height of a label, as a fraction of the height of the axes."""
_AXIS, _SPACE = 4.8, 0.1
"""Least width of the axis of values, and between its labels, in inches."""
_LABEL_GROUND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8}
"""Behind a label, since the lines cross it."""
TEXTS: Texts = {
    "{what} against {key}": "{what} por {key}",
    "bars: ± one standard deviation over seeds": "barras: ± um desvio padrão das sementes",
    "{sweep}: values and {what}": "{sweep}: valores e {what}",
}


def draw(table: Table, language: Language = "en") -> dict[str, Figure]:
    """Return the figures of a sweep by name; empty if no job finished, or nothing varied.

    Args:
        table: of the sweep.
        language: of the texts; names of options and what was chosen stay as they were typed.
    """
    kind = "test" if table.by_test else "validation"
    rows = [row for row in table.finished if kind in row.means]
    if not rows or not table.varied:
        return {}
    figures = {
        f"{table.objective.title.lower()}-{_file(key)}": _against(table, rows, kind, key, language)
        for key in table.varied
    }
    if SIZE in table.varied:
        drawn = draw_sizes(table, sized(rows), kind, language)
        figures |= {"training-size": drawn} if drawn is not None else {}
    if len(rows) > 1 and len(table.varied) > 1:
        figures["parallel-coordinates"] = _parallel(table, rows, kind, language)
    return figures


@styled()
def _against(table: Table, rows: list[JobRow], kind: str, key: str, language: Language) -> Figure:
    """Draw the objective of each job against one value; bars are one sd of its seeds."""
    translate = translator(language, TEXTS)
    bars_are = translate("bars: ± one standard deviation over seeds")
    what = sentence_case(PHRASES.words(f"{kind} {table.objective.title}", language))
    title = translate("{what} against {key}", what=what, key=key)
    figure = chart(6, 4, title, bars_are if any(row.sds for row in rows) else "")
    axes = figure.subplots()
    values = [row.choices.get(key, "") for row in rows]
    positions, labels = scale(values)
    errors = [row.means[kind] for row in rows]
    bars = [row.sds.get(kind, np.nan) for row in rows]
    axes.errorbar(positions, errors, yerr=bars, fmt="o", capsize=3, alpha=0.8)
    _label(axes, positions, labels)
    axes.set_xlabel(key)
    axes.set_ylabel(PHRASES.words(f"{kind} {table.objective.label}", language))
    return write_ticks(figure, language)


@styled()
def _parallel(table: Table, rows: list[JobRow], kind: str, language: Language) -> Figure:
    """Draw each job as a line through its values and its error, darker where it is better."""
    columns = [scale([row.choices.get(key, "") for row in rows]) for key in table.varied]
    errors = np.array([row.means[kind] for row in rows])
    lines = np.column_stack([*(_unit(positions) for positions, _ in columns), _unit(errors)])
    translate = translator(language, TEXTS)
    what = PHRASES.words(f"{kind} {table.objective.title}", language)
    title = translate("{sweep}: values and {what}", sweep=table.sweep, what=what)
    figure = chart(1.6 * lines.shape[1] + 1, 4.5, title)
    axes = figure.subplots()
    shade = matplotlib.colors.Normalize(errors.min(), errors.max() + 1e-9)
    for line, error in reversed(list(zip(lines, errors, strict=True))):
        axes.plot(
            line, color=matplotlib.colormaps["viridis"](float(shade(error))), ls="-", alpha=0.8
        )
    for column, (positions, labels) in enumerate(columns):
        heights = dict(zip(_unit(positions).tolist(), labels, strict=True))
        for height, label in _apart(heights).items():
            axes.text(column, height, f" {label}", size=7, va="center", bbox=_LABEL_GROUND)
    for height, error in ((0.0, errors.min()), (1.0, errors.max())):
        shown = table.objective.text(error / table.objective.scale)
        text = f" {numbers_in_language(shown, language)}"
        axes.text(len(columns), height, text, size=7, va="center")
    names = [short_key(key, table.varied) for key in table.varied]
    axes.set_xticks(range(len(names) + 1), [*names, what])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(visible=True, axis="x")
    return figure


def _apart(labels: dict[float, str]) -> dict[float, str]:
    """Leave out labels that would be printed over others; the lowest and the highest stay."""
    shown: list[float] = []
    for height in sorted(labels):
        if not shown or height - shown[-1] >= _LINE:
            shown.append(height)
        elif height == max(labels):
            shown[-1] = height
    return {height: labels[height] for height in shown}


def scale(values: list[str]) -> tuple[NDArray[np.float64], list[str]]:
    """Return positions of values on an axis: linear, logarithmic over a wide range, or by rank.

    Returns:
        positions, float64 [n], and the label of each value; words are ranked in order, and
        by the numbers in them.
    """
    try:
        numbers = np.array([float(value) for value in values])
    except ValueError:
        order = sorted(set(values), key=_by_numbers)
        return np.array([float(order.index(value)) for value in values]), values
    if numbers.min() > 0 and numbers.max() / numbers.min() >= _LOGARITHMIC:
        numbers = np.log10(numbers)
    return numbers, [f"{float(value):g}" for value in values]


def _by_numbers(value: str) -> list[tuple[float, str]]:
    """Return what puts [8] before [32], and cnn2 before cnn10."""
    parts = re.split(r"(\d+)", value)
    return [(float(part) if part.isdecimal() else -1.0, part) for part in parts]


def _label(axes: Axes, positions: NDArray[np.float64], labels: list[str]) -> None:
    ticks = dict(sorted(zip(positions.tolist(), labels, strict=True)))
    places = dict(zip(_unit(np.array(list(ticks))).tolist(), ticks, strict=True))
    width = max(text_width(label, 8) for label in labels) + _SPACE
    crowded = min(np.diff(list(places)), default=1.0) < width / _AXIS
    kept = _apart(dict.fromkeys(places, "")) if crowded else places
    shown = [places[place] for place in kept]
    axes.set_xticks(shown, [ticks[position] for position in shown], rotation=30 if crowded else 0)


def _unit(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = positions.min(), positions.max()
    return (positions - low) / (high - low) if high > low else np.full_like(positions, 0.5)


def _file(key: str) -> str:
    return key.replace("/", "-")
