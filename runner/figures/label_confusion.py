"""Confusion of each label: how many test images have it, and how many are given it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib, sklearn
from runner.base.option_types import Language
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import LabelRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4
_DARK = 50

TEXTS: Texts = {
    "Confusion of each label": "Confusão de cada rótulo",
    "{wrong:,} of {all:,} decisions wrong ({rate:.2f} %), threshold {threshold:g}": (
        "{wrong:,} de {all:,} decisões erradas ({rate:.2f} %), limiar {threshold:g}"
    ),
    "no": "não",
    "yes": "sim",
    "given": "atribuído",
    "true": "verdadeiro",
}


@of_results_alone
def label_confusion(run: LabelRun) -> Figure:
    """Draw for each label how many images have it and are given it, 2x2."""
    counts = sklearn.metrics.multilabel_confusion_matrix(
        *(_columns(labels) for labels in (run.labels, run.predictions))
    )
    return draw_label_confusion(
        counts[-len(run.label_names) :],
        run.label_names,
        threshold=run.threshold,
        language=run.language,
    )


@styled()
def draw_label_confusion(
    counts: NDArray[np.int64], names: list[str], *, threshold: float, language: Language = "en"
) -> Figure:
    """Draw counts, [label, true, given]; the shade is the share of the true answer."""
    translate = translator(language, TEXTS)
    total, right = int(counts.sum()), int(counts.trace(axis1=1, axis2=2).sum())
    subtitle = translate(
        "{wrong:,} of {all:,} decisions wrong ({rate:.2f} %), threshold {threshold:g}",
        wrong=total - right,
        all=total,
        rate=100 * (total - right) / total,
        threshold=threshold,
    )
    columns = min(len(names), _COLUMNS)
    rows = -(-len(names) // columns)
    title = translate("Confusion of each label")
    figure = chart(max(6.0, 2.3 * columns), 2.4 * rows + 0.7, title, subtitle)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for one, name, table in zip(axes, names, counts, strict=False):
        _draw_table(one, name, table, language)
    for one in axes[len(names) :]:
        one.set_axis_off()
    return figure


def _columns(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return labels as scikit-learn takes them: a single one is a vector."""
    return labels[:, 0] if labels.shape[1] == 1 else labels


def _draw_table(axes: Axes, name: str, counts: NDArray[np.int64], language: Language) -> None:
    translate = translator(language, TEXTS)
    rates = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.grid(visible=False)
    axes.imshow(rates, cmap="Blues", norm=matplotlib.colors.PowerNorm(0.5, 0, 100))
    answers = [translate("no"), translate("yes")]
    axes.set_xticks(range(2), answers)
    axes.set_yticks(range(2), answers)
    axes.set_xlabel(translate("given"))
    axes.set_ylabel(translate("true"))
    axes.set_title(name)
    axes.spines[:].set_visible(False)
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if rates[row, column] > _DARK else "black"
        text = f"{count}\n{translate.number(rates[row, column], '.1f')} %"
        axes.text(column, row, text, ha="center", va="center", color=color, size=8.5)
