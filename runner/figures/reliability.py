"""Reliability diagram: accuracy against confidence, with the calibration error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.option_types import Count, Items, Language
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TEXTS: Texts = {
    "Reliability": "Confiabilidade",
    "expected calibration error {error:.2f} %": "erro de calibração esperado {error:.2f} %",
    "confidence / %": "confiança / %",
    "accuracy / %": "acurácia / %",
    "perfectly calibrated": "calibração perfeita",
}


@dataclass(frozen=True)
class Calibration:
    """Predictions sorted into bins of equal width by their confidence.

    Attributes:
        edges: of the bins, [bins + 1], 0..1.
        counts: predictions in each bin.
        confidence: their mean, NaN in empty bins.
        accuracy: share of right ones, NaN in empty bins.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al. 2017): mean gap, weighted by the counts, 0..1."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float(np.nansum(gaps * self.counts) / self.counts.sum())


@of_results_alone
def reliability(run: ClassificationRun, *, bins: Count) -> Figure:
    """Draw accuracy against confidence, with the expected calibration error.

    Args:
        run: the finished run.
        bins: of equal width.
    """
    calibration = calibrate(run.probabilities, run.labels, bins)
    return draw_reliability(calibration, run.items, language=run.language)


def calibrate(probabilities: NDArray[np.float32], labels: Labels, bins: int) -> Calibration:
    """Bin predictions, [n, classes], by the probability of the predicted class."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    member = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(member, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(member, confidence, bins) / counts
        accuracy = np.bincount(member, right, bins) / counts
    return Calibration(edges, counts, mean_confidence, accuracy)


@styled()
def draw_reliability(
    calibration: Calibration, items: Items = "images", *, language: Language = "en"
) -> Figure:
    """Draw the bins' accuracy as bars against their confidence, and their counts below."""
    translate = translator(language, TEXTS)
    subtitle = translate("expected calibration error {error:.2f} %", error=100 * calibration.error)
    figure = chart(6.4, 7.2, translate("Reliability"), subtitle)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    left, width = 100 * calibration.edges[:-1], 100 * np.diff(calibration.edges)
    bars = {"x": left, "width": width, "align": "edge", "edgecolor": "black", "linewidth": 0.6}
    heights = np.nan_to_num(100 * calibration.accuracy)
    upper.bar(height=heights, color="#56B4E9", label=translate("accuracy / %"), **bars)
    upper.plot([0, 100], [0, 100], color="black", ls="--", label=translate("perfectly calibrated"))
    upper.set(ylabel=translate("accuracy / %"), ylim=(0, 103), xlim=(0, 100))
    upper.legend(loc="upper left")
    lower.bar(height=calibration.counts, color="#999999", **bars)
    lower.set(xlabel=translate("confidence / %"), ylabel=translate(items), yscale="log")
    lower.set_ylim(0.5, None)
    return write_ticks(figure, language)
