"""Table of the probabilities of the first test images, as a picture and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib
from runner.base.option_types import Count
from runner.base.text_table import plain_table, probability_text
from runner.figures.canvas import Page, styled, text_width
from runner.figures.confusion_matrix import error_summary
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _GAP, _DARK = 0.32, 0.25, 0.6
_WRONG, _FAINT = "#D55E00", "#555555"

TEXTS: Texts = {
    "Output for the first test {items}": "Saída para as primeiras {items} de teste",
    "true": "verdadeira",
    "given": "atribuída",
}


@of_results_alone
def predictions(run: ClassificationRun, *, count: Count) -> tuple[Figure, str]:
    """Draw and write the probabilities of the first test images beside their true labels.

    Args:
        run: the finished run.
        count: of images.
    """
    return draw_predictions(run, count), write_predictions(run, count)


def write_predictions(run: ClassificationRun, count: int) -> str:
    """Return a line for each of the first test images: true and predicted class, probabilities."""
    translate, names = translator(run.language, TEXTS), run.class_names
    heads = ["#", translate("true"), translate("given"), *names]
    lines = [
        [
            str(number),
            names[true],
            names[predicted],
            *(translate.written(probability_text(value)) for value in row),
        ]
        for number, (true, predicted, row) in enumerate(_rows(run, count))
    ]
    return "\n".join([error_summary(run), "", plain_table(heads, lines)])


@styled()
def draw_predictions(run: ClassificationRun, count: int) -> Figure:
    """Draw a row for each of the first test images, the darker the more probable a class is."""
    translate, names = translator(run.language, TEXTS), run.class_names
    rows = _rows(run, count)
    picture = _ROW * run.has_pictures
    labels = (
        max(text_width(word, 8) for word in (translate("true"), translate("given"), *names)) + _GAP
    )
    cell = max(0.5, *(text_width(name, 8) + 0.15 for name in names))
    columns = [picture + 0.1, picture + 0.4, picture + 0.4 + labels]
    left, height = columns[2] + labels, _ROW * (len(rows) + 1)
    width = left + cell * len(names)
    title = translate("Output for the first test {items}", items=translate(run.items))
    page = Page(width, height, title, error_summary(run))
    axes = page.axes(0, 0, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    _write(axes, ("#", translate("true"), translate("given")), columns, _ROW / 2, _FAINT)
    centers = [left + (column + 0.5) * cell for column in range(len(names))]
    _write(axes, names, centers, _ROW / 2, _FAINT, ha="center")
    for number, (true, predicted, row) in enumerate(rows):
        middle = (number + 1.5) * _ROW
        color = "black" if true == predicted else _WRONG
        _write(axes, (str(number), names[true], names[predicted]), columns, middle, color)
        texts = [translate.written(probability_text(value)) for value in row]
        _draw_row(axes, list(zip(row, texts, strict=True)), left, middle, cell)
        if picture:
            image = run.printed(run.images[number : number + 1])[0]
            page.picture(image, 0, middle - 0.45 * _ROW, 0.9 * _ROW, 0.9 * _ROW)
    return page.figure


def _write(
    axes: Axes,
    words: Sequence[str],
    positions: Sequence[float],
    middle: float,
    color: str,
    **options: Any,
) -> None:
    """Write words on a line."""
    for x, word in zip(positions, words, strict=True):
        axes.text(x, middle, word, size=8, va="center", color=color, **options)


def _draw_row(
    axes: Axes, row: Sequence[tuple[float, str]], left: float, middle: float, width: float
) -> None:
    """Draw a cell for each probability and its text."""
    shades = matplotlib.colormaps["Blues"]
    for column, (value, text) in enumerate(row):
        corner = left + column * width, middle - _ROW / 2
        box = matplotlib.patches.Rectangle(
            corner, width, _ROW, facecolor=shades(value), edgecolor="white", lw=1
        )
        axes.add_patch(box)
        ink = "white" if value > _DARK else "black"
        center = corner[0] + width / 2
        axes.text(center, middle, text, size=8, va="center", ha="center", color=ink)


def _rows(run: ClassificationRun, count: int) -> list[tuple[int, int, NDArray[np.float32]]]:
    """Return true label, predicted label and probabilities of the first test images."""
    columns = run.labels, run.predictions, run.probabilities
    return list(zip(*(column[:count] for column in columns), strict=True))
