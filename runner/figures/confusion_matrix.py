"""Confusion matrix: how many test images of each class are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib, sklearn
from runner.base.option_types import Language
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_WRITTEN = 20

TEXTS: Texts = {
    "Confusion matrix": "Matriz de confusão",
    "{errors:,} of {count:,} test {items} misclassified ({rate:.2f} %)": (
        "{errors:,} de {count:,} {items} de teste mal classificadas ({rate:.2f} %)"
    ),
    "share of the true class / %": "fração da classe verdadeira / %",
}


@of_results_alone
def confusion_matrix(run: ClassificationRun) -> Figure:
    """Draw counts and rates of every true and predicted class."""
    counts = count_confusions(run)
    return draw_confusion_matrix(counts, run.class_names, error_summary(run), run.language)


def count_confusions(run: ClassificationRun) -> NDArray[np.int64]:
    """Return the number of test images of each true and predicted class, [true, predicted]."""
    classes = np.arange(len(run.class_names))
    counts: NDArray[np.int64] = sklearn.metrics.confusion_matrix(
        run.labels, run.predictions, labels=classes
    )
    return counts


@styled()
def draw_confusion_matrix(
    counts: NDArray[np.int64], class_names: list[str], subtitle: str, language: Language
) -> Figure:
    """Draw counts, [true, predicted]; the shade is the share of the true class."""
    translate = translator(language, TEXTS)
    rates = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.2, 0.62 * len(counts) + 1.6)
    figure = chart(side + 1.2, side + 0.4, translate("Confusion matrix"), subtitle)
    axes = figure.subplots()
    axes.grid(visible=False)
    # The square root lets errors of one per cent be seen beside a diagonal near 100 %.
    picture = axes.imshow(rates, cmap="Blues", norm=matplotlib.colors.PowerNorm(0.5, 0, 100))
    label = translate("share of the true class / %")
    figure.colorbar(picture, ax=axes, label=label, ticks=[0, 1, 5, 10, 25, 50, 75, 100], shrink=0.8)
    _name_axes(axes, class_names, language)
    if len(counts) <= _MOST_WRITTEN:
        _write_cells(axes, counts, rates, language)
    return figure


def error_summary(run: ClassificationRun) -> str:
    """Return a line with the number and the rate of misclassified test images."""
    translate = translator(run.language, TEXTS)
    errors, count = int((run.predictions != run.labels).sum()), len(run.labels)
    return translate(
        "{errors:,} of {count:,} test {items} misclassified ({rate:.2f} %)",
        errors=errors,
        count=count,
        items=translate(run.items),
        rate=100 * errors / max(count, 1),
    )


def _name_axes(axes: Axes, class_names: list[str], language: Language) -> None:
    translate = translator(language, TEXTS)
    ticks = range(len(class_names))
    slanted = max(map(len, class_names)) > 3  # noqa: PLR2004
    turn: dict[str, Any] = (
        {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
    )
    axes.set_xticks(ticks, class_names, **turn)
    axes.set_yticks(ticks, class_names)
    axes.set_xlabel(translate("given class"))
    axes.set_ylabel(translate("true class"))
    axes.spines[:].set_visible(False)


def _write_cells(
    axes: Axes, counts: NDArray[np.int64], rates: NDArray[np.float64], language: Language
) -> None:
    translate = translator(language, TEXTS)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            rate = rates[row, column]
            color = "white" if rate > 30 else "black"  # noqa: PLR2004
            axes.text(column, row, f"{count}\n", ha="center", va="center", color=color, size=8.5)
            text = f"\n{translate.number(float(rate), '.1f')} %"
            axes.text(column, row, text, ha="center", va="center", color=color, size=6.5)
