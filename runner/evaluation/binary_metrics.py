"""Metrics of two classes: sensitivity, specificity, AUC, accuracy at equal error rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import sklearn
from runner.evaluation.predictions import Probabilities, positive_scores


@dataclass(frozen=True)
class BinaryReport:
    """Metrics of label 1 ("positive") against label 0 ("negative").

    Attributes:
        sensitivity: fraction of positive images that are predicted positive at threshold 0.5.
        specificity: fraction of negative images that are predicted negative at threshold 0.5.
        auc: area under the ROC curve.
        equal_error_threshold: of `positive_scores`, where false positives and false negatives
            are equally frequent.
        equal_error_accuracy: fraction of all images that are correct at that threshold.
    """

    sensitivity: float
    specificity: float
    auc: float
    equal_error_threshold: float
    equal_error_accuracy: float


def measure_binary(labels: Labels, probabilities: Probabilities) -> BinaryReport:
    """Compute the metrics of two classes.

    Args:
        labels: int64 [n], 0 or 1; both must occur.
        probabilities: of label 0 and label 1, float32 [n, 2].
    """
    scores = positive_scores(probabilities)
    predicted = scores > 0.5  # noqa: PLR2004
    threshold = equal_error_threshold(labels, scores)
    return BinaryReport(
        sensitivity=float(predicted[labels == 1].mean()),
        specificity=float(1 - predicted[labels == 0].mean()),
        auc=float(sklearn.metrics.roc_auc_score(labels, scores)),
        equal_error_threshold=threshold,
        equal_error_accuracy=float(((scores >= threshold) == labels).mean()),
    )


def equal_error_threshold(labels: Labels, scores: NDArray[np.float64]) -> float:
    """Return the score, as a threshold, at which the two error rates are closest to each other.

    The first threshold of `roc_curve` is infinite, where no image is positive; it is left out.

    Args:
        labels: int64 [n], 0 or 1.
        scores: of label 1, [n]; see `positive_scores`.
    """
    false_positive, true_positive, thresholds = sklearn.metrics.roc_curve(
        labels, scores, drop_intermediate=False
    )
    gaps = np.abs(false_positive - (1 - true_positive))
    return float(thresholds[1 + np.argmin(gaps[1:])])
