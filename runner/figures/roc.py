"""Sensitivity against false alarms of a binary task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import sklearn
from runner.base.option_types import Language
from runner.evaluation.predictions import positive_scores
from runner.figures.canvas import chart, styled
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Scores = NDArray[np.float32 | np.float64]

TEXTS: Texts = {
    "ROC curve": "Curva ROC",
    "ROC curve not drawn: all test images show {name}": (
        "Curva ROC não desenhada: todas as imagens de teste mostram {name}"
    ),
    "Corner enlarged": "Canto ampliado",
    "positive class: {name}": "classe positiva: {name}",
    "false positive rate (1 - specificity) / %": (
        "taxa de falsos positivos (1 - especificidade) / %"
    ),
    "true positive rate (sensitivity) / %": "taxa de verdadeiros positivos (sensibilidade) / %",
    "chance": "acaso",
    "equal error: {rate:.2f} % at threshold {threshold:.3g}": (
        "erro igual: {rate:.2f} % com limiar {threshold:.3g}"
    ),
    "threshold 0.5: sensitivity {true:.2f} %, specificity {false:.2f} %": (
        "limiar 0.5: sensibilidade {true:.2f} %, especificidade {false:.2f} %"
    ),
}


@dataclass(frozen=True)
class Operating:
    """One threshold of a binary classifier with its false and true positive rate."""

    threshold: float
    false_positive: float
    true_positive: float


def roc(run: ClassificationRun) -> Figure | str | None:
    """Draw the ROC curve of class 1; None for any other number of classes than two.

    Where the test images are all of one class, a text says so instead.
    """
    if len(run.class_names) != 2:  # noqa: PLR2004
        return None
    if len(found := np.unique(run.labels)) == 1:
        translate = translator(run.language, TEXTS)
        reason = translate("ROC curve not drawn: all test images show {name}")
        return reason.format(name=run.class_names[found[0]])
    scores, name = positive_scores(run.probabilities), run.class_names[1]
    return draw_roc(run.labels, scores, name, language=run.language)


def at_half(labels: Labels, scores: Scores) -> Operating:
    """Return the rates at threshold 0.5."""
    positive = scores > 0.5  # noqa: PLR2004
    return Operating(0.5, float(positive[labels == 0].mean()), float(positive[labels == 1].mean()))


def at_equal_error(labels: Labels, scores: Scores) -> Operating:
    """Return where the curve crosses false positive rate = 1 - true positive rate.

    Interpolated linearly between the two thresholds around the crossing.
    """

    false, true, thresholds = sklearn.metrics.roc_curve(labels, scores, drop_intermediate=False)
    excess = false + true - 1
    after = int(np.argmax(excess >= 0))
    before = max(after - 1, 0)
    part = float(-excess[before] / max(excess[after] - excess[before], 1e-12))
    start, end = np.nan_to_num([thresholds[before], thresholds[after]], posinf=1.0)
    return Operating(
        float(start + part * (end - start)),
        float(false[before] + part * (false[after] - false[before])),
        float(true[before] + part * (true[after] - true[before])),
    )


@styled()
def draw_roc(labels: Labels, scores: Scores, positive: str, *, language: Language = "en") -> Figure:
    """Draw the curve, whole and near its corner.

    Args:
        labels: [n], 1 for the positive class; both classes have images.
        scores: [n], how much an image looks like the positive class; see `positive_scores`.
        positive: the positive class's name.
        language: of the texts.
    """

    translate = translator(language, TEXTS)
    curve = sklearn.metrics.roc_curve(labels, scores)
    marked = at_half(labels, scores), at_equal_error(labels, scores)
    title = f"{translate('ROC curve')}: AUC = {sklearn.metrics.roc_auc_score(labels, scores):.5f}"
    figure = chart(9.6, 5.6, title, translate("positive class: {name}").format(name=positive))
    whole, corner = figure.subplots(1, 2)
    for axes in (whole, corner):
        _draw_curve(axes, curve[0], curve[1], marked, language)
    whole.plot([0, 100], [0, 100], color="gray", ls=":", lw=1, label=translate("chance"))
    reach = 100 * min(1, max(0.001, 3 * _farthest(marked)))
    corner.set(
        title=translate("Corner enlarged"),
        xlim=(-0.03 * reach, reach),
        ylim=(100 - reach, 100 + 0.03 * reach),
    )
    handles, names = whole.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=1)
    return figure


def _farthest(marked: tuple[Operating, ...]) -> float:
    return max(max(point.false_positive, 1 - point.true_positive) for point in marked)


def _draw_curve(
    axes: Axes,
    false: NDArray[np.float64],
    true: NDArray[np.float64],
    marked: tuple[Operating, Operating],
    language: Language,
) -> None:
    translate = translator(language, TEXTS)
    axes.plot(100 * false, 100 * true, label=translate("ROC curve"))
    half, equal = marked
    text = translate("threshold 0.5: sensitivity {true:.2f} %, specificity {false:.2f} %")
    label = text.format(true=100 * half.true_positive, false=100 * (1 - half.false_positive))
    axes.plot(100 * half.false_positive, 100 * half.true_positive, "o", ms=9, label=label)
    text = translate("equal error: {rate:.2f} % at threshold {threshold:.3g}")
    label = text.format(rate=100 * equal.false_positive, threshold=equal.threshold)
    axes.plot(
        100 * equal.false_positive,
        100 * equal.true_positive,
        "ks",
        ms=8,
        mfc="none",
        mew=2,
        label=label,
    )
    axes.set_aspect("equal")
    axes.set_xlabel(translate("false positive rate (1 - specificity) / %"))
    axes.set_ylabel(translate("true positive rate (sensitivity) / %"))
