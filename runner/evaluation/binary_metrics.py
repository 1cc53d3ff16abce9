"""What is measured on predictions, beside the overall error rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import sklearn
from runner.evaluation.predictions import Probabilities, positive_scores


@dataclass(frozen=True)
class BinaryReport:
    """How well label 1 ("positive") is told from label 0.

    Attributes:
        sensitivity: fraction of the positive images given as positive at threshold 0.5.
        specificity: fraction of the negative images given as negative at threshold 0.5.
        auc: area under the ROC curve.
        equal_error_threshold: of `positive_scores`, where false positives and false negatives
            are equally frequent.
        equal_error_accuracy: fraction of all images right at that threshold.
    """

    sensitivity: float
    specificity: float
    auc: float
    equal_error_threshold: float
    equal_error_accuracy: float


def measure_binary(labels: Labels, probabilities: Probabilities) -> BinaryReport:
    """Measure the probabilities of label 0 and label 1, float32 [n, 2]; both have images."""
    positive = positive_scores(probabilities)
    given = positive > 0.5  # noqa: PLR2004
    threshold = equal_error_threshold(labels, positive)
    return BinaryReport(
        sensitivity=float(given[labels == 1].mean()),
        specificity=float(1 - given[labels == 0].mean()),
        auc=float(sklearn.metrics.roc_auc_score(labels, positive)),
        equal_error_threshold=threshold,
        equal_error_accuracy=float(((positive >= threshold) == labels).mean()),
    )


def equal_error_threshold(labels: Labels, positive: NDArray[np.float64]) -> float:
    """Return the threshold at which the two error rates are closest to each other.

    One of the scores: the first of `roc_curve` is infinite, where no image is given as positive.
    """
    false_positive, true_positive, thresholds = sklearn.metrics.roc_curve(
        labels, positive, drop_intermediate=False
    )
    gaps = np.abs(false_positive - (1 - true_positive))
    return float(thresholds[1 + np.argmin(gaps[1:])])
