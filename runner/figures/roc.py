"""ROC curve of a binary task, with its rates at threshold 0.5 and at equal errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import sklearn
from runner.base.option_types import Language
from runner.evaluation.binary_metrics import equal_error_threshold
from runner.evaluation.predictions import positive_scores
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import made_for, of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Scores = NDArray[np.float64]

TEXTS: Texts = {
    "ROC curve": "Curva ROC",
    "ROC curve not drawn: all test {items} show {name}": (
        "Curva ROC não desenhada: todas as {items} de teste mostram {name}"
    ),
    "Corner enlarged": "Canto ampliado",
    "area under the curve (AUC) {auc:.5f}; positive class: {name}": (
        "área sob a curva (AUC) {auc:.5f}; classe positiva: {name}"
    ),
    "false positive rate (1 - specificity) / %": (
        "taxa de falsos positivos (1 - especificidade) / %"
    ),
    "true positive rate (sensitivity) / %": "taxa de verdadeiros positivos (sensibilidade) / %",
    "chance": "acaso",
    "threshold {threshold:.3g}: sensitivity {tpr:.2f} %, specificity {tnr:.2f} %": (
        "limiar {threshold:.3g}: sensibilidade {tpr:.2f} %, especificidade {tnr:.2f} %"
    ),
    "equal error": "erro igual",
}


@dataclass(frozen=True)
class OperatingPoint:
    """One threshold of a binary classifier with its false and true positive rate, 0..1."""

    threshold: float
    false_positive: float
    true_positive: float


@of_results_alone
@made_for("two classes")
def roc(run: ClassificationRun) -> Figure | str | None:
    """Draw the ROC curve of class 1; None for any other number of classes than two.

    Where the test images are all of one class, a text with the reason is returned instead.
    """
    if len(run.class_names) != 2:  # noqa: PLR2004
        return None
    if len(found := np.unique(run.labels)) == 1:
        translate = translator(run.language, TEXTS)
        shown = {"items": translate(run.items), "name": run.class_names[found[0]]}
        return translate("ROC curve not drawn: all test {items} show {name}", **shown)
    scores, name = positive_scores(run.probabilities), run.class_names[1]
    return draw_roc(run.labels, scores, name, language=run.language)


def at_half(labels: Labels, scores: Scores) -> OperatingPoint:
    """Return the rates at threshold 0.5, above which label 1 is the more probable one."""
    return _operating_point(0.5, labels, scores > 0.5)  # noqa: PLR2004


def at_equal_error(labels: Labels, scores: Scores) -> OperatingPoint:
    """Return the rates at the report's threshold of equal errors, which is one of the scores."""
    threshold = equal_error_threshold(labels, scores)
    return _operating_point(threshold, labels, scores >= threshold)


def _operating_point(
    threshold: float, labels: Labels, positive: NDArray[np.bool_]
) -> OperatingPoint:
    false_positive, true_positive = (float(positive[labels == label].mean()) for label in (0, 1))
    return OperatingPoint(threshold, false_positive, true_positive)


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
    subtitle = translate(
        "area under the curve (AUC) {auc:.5f}; positive class: {name}",
        auc=sklearn.metrics.roc_auc_score(labels, scores),
        name=positive,
    )
    figure = chart(9.6, 5.6, translate("ROC curve"), subtitle)
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
    return write_ticks(figure, language)


def _farthest(marked: tuple[OperatingPoint, ...]) -> float:
    return max(max(point.false_positive, 1 - point.true_positive) for point in marked)


def _draw_curve(
    axes: Axes,
    false: NDArray[np.float64],
    true: NDArray[np.float64],
    marked: tuple[OperatingPoint, OperatingPoint],
    language: Language,
) -> None:
    translate = translator(language, TEXTS)
    axes.plot(100 * false, 100 * true, label=translate("ROC curve"))
    half, equal = marked
    _draw_point(axes, half, "o", _describe(half, language), markersize=9)
    label = f"{translate('equal error')}, {_describe(equal, language)}"
    _draw_point(axes, equal, "ks", label, markersize=8, markerfacecolor="none", markeredgewidth=2)
    axes.set_aspect("equal")
    axes.set_xlabel(translate("false positive rate (1 - specificity) / %"))
    axes.set_ylabel(translate("true positive rate (sensitivity) / %"))


def _draw_point(axes: Axes, point: OperatingPoint, sign: str, label: str, **options: Any) -> None:
    x, y = 100 * point.false_positive, 100 * point.true_positive
    axes.plot(x, y, sign, label=label, **options)


def _describe(point: OperatingPoint, language: Language) -> str:
    translate = translator(language, TEXTS)
    return translate(
        "threshold {threshold:.3g}: sensitivity {tpr:.2f} %, specificity {tnr:.2f} %",
        threshold=point.threshold,
        tpr=100 * point.true_positive,
        tnr=100 * (1 - point.false_positive),
    )
