"""The features of a table, each against the class or the numbers to predict."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from runner.base.option_types import Language
from runner.datasets.splits import TrainSplit
from runner.figures.canvas import chart, styled
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS, _COLUMNS, _FEATURES, _SPREAD, _FEW = 5000, 4, 32, 0.3, 50

TEXTS: Texts = {
    "Training rows": "Linhas de treino",
    "{rows:,} of {features} features": "{rows:,} de {features} entradas",
    "each feature against the class": "cada entrada, por classe",
    "each feature against the numbers to predict": "cada entrada contra os números a prever",
    "feature {number}": "entrada {number}",
}


@styled()
def draw_training_table(
    train: TrainSplit, names: Sequence[str], features: Sequence[str], language: Language
) -> Figure:
    """Draw a point for each row, in a diagram for each of the first features.

    Args:
        train: of a table.
        names: of the classes, or of the outputs.
        features: names of the columns; none where they are unknown.
        language: of the texts.
    """
    translate, count = translator(language, TEXTS), train.images.shape[1]
    named = features or [translate("feature {number}", number=n) for n in range(count)]
    shown = min(count, _FEATURES)
    columns = min(shown, _COLUMNS)
    rows = ceil(shown / columns)
    classified = train.targets.ndim == 1
    height = 1.2 + 0.35 * len(names) if classified else 2.6
    against_class = translate("each feature against the class")
    against_numbers = translate("each feature against the numbers to predict")
    size_text = translate("{rows:,} of {features} features", rows=len(train), features=count)
    subtitle = f"{size_text}; {against_class if classified else against_numbers}"
    size = max(4.5, 3.2 * columns), 0.8 + height * rows
    figure = chart(*size, translate("Training rows"), subtitle)
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for number, axes in enumerate(grid):
        if number >= shown:
            axes.set_axis_off()
            continue
        (_draw_classes if classified else _draw_numbers)(axes, train, number, names)
        axes.set_xlabel(named[number])
    if not classified:
        grid[0].legend()
    return write_ticks(figure, language)


def _draw_classes(axes: Axes, train: TrainSplit, number: int, names: Sequence[str]) -> None:
    """Draw a line of points for each class, moved up and down so that they hide each other less."""
    values, labels = train.images[:_ROWS, number], train.labels[:_ROWS]
    moved = np.random.default_rng(0).uniform(-_SPREAD, _SPREAD, len(labels))
    many = len(labels) > _FEW
    for label in range(len(names)):
        of_class = labels == label
        height = label + moved[of_class] * many
        axes.plot(values[of_class], height, "o", ms=3 if many else 7, alpha=0.4 if many else 1)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _draw_numbers(axes: Axes, train: TrainSplit, number: int, names: Sequence[str]) -> None:
    values, few = train.images[:_ROWS, number], len(train) <= _FEW
    for output, name in enumerate(names):
        told = train.numbers[:_ROWS, output]
        axes.plot(values, told, "os^Dv"[output % 5], ms=7 if few else 3, alpha=0.7, label=name)
