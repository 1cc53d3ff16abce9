"""Sensitivity, specificity, AUC and the threshold of equal errors."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from runner.evaluation.binary_metrics import equal_error_threshold, measure_binary
from runner.evaluation.predictions import positive_scores


def two(positive: NDArray[Any]) -> NDArray[np.float32]:
    """Return the probabilities of both labels from those of label 1."""
    return np.column_stack([1 - positive, positive]).astype(np.float32)


def test_two_sigmoid_units_agree_with_the_more_probable_label() -> None:
    """Trained on squared errors they need not add up to 1: both may be above 0.5, or below."""
    probabilities = np.array([[0.9, 0.6], [0.2, 0.4], [0.7, 0.8], [0.1, 0.05]], np.float32)
    labels = np.array([1, 1, 0, 0])
    given = probabilities.argmax(axis=1)
    measured = measure_binary(labels, probabilities)
    assert measured.sensitivity == metrics.recall_score(labels, given) == 0.5
    assert measured.specificity == metrics.recall_score(1 - labels, 1 - given) == 0.5
    scores = np.random.default_rng(0).random((500, 2), np.float32)
    np.testing.assert_array_equal(positive_scores(scores) > 0.5, scores.argmax(axis=1) == 1)


def test_binary_measures_by_hand() -> None:
    labels = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    positive = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.4, 0.2, 0.1, 0.1, 0.05], np.float32)
    measured = measure_binary(labels, two(positive))
    assert measured.sensitivity == 3 / 4
    assert measured.specificity == pytest.approx(5 / 6)
    # of 4 x 6 pairs the positive image is ahead in 6 + 6 + 5 + 4
    assert measured.auc == pytest.approx(21 / 24)
    # at >= 0.6 a quarter of the positives is missed and one of six negatives is given; at the
    # next thresholds 1/4 and 2/6, so the first is not nearer: |1/6 - 1/4| = |2/6 - 1/4|
    assert round(measured.equal_error_threshold, 6) in (0.6, 0.4)
    assert measured.equal_error_accuracy in (0.8, 0.7)


def test_the_threshold_of_equal_errors_is_sought_among_all_thresholds() -> None:
    """It may lie on a straight piece of the curve, whose inner points are often left out."""
    labels = np.array([1] * 4 + [0] * 8)
    positive = np.array([0.9, 0.8, 0.2, 0.1, 0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64, 0.63])
    threshold = equal_error_threshold(labels, positive.astype(np.float32))
    assert threshold == np.float32(0.67)  # four of eight, and two of four
    measured = measure_binary(labels, two(positive))
    assert measured.equal_error_accuracy == 0.5


@pytest.mark.parametrize("seed", range(5))
def test_binary_measures_are_those_of_sklearn(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 200)
    positive = np.clip(random.normal(0.35 + 0.3 * labels, 0.25), 0, 1).astype(np.float32)
    scores = positive_scores(two(positive))
    np.testing.assert_allclose(scores, positive, atol=1e-7)
    measured, given = measure_binary(labels, two(positive)), positive > 0.5
    assert measured.sensitivity == pytest.approx(metrics.recall_score(labels, given))
    assert measured.specificity == pytest.approx(metrics.recall_score(1 - labels, ~given))
    assert measured.auc == pytest.approx(metrics.roc_auc_score(labels, positive))

    def gap(threshold: float) -> float:
        at = scores >= threshold
        return float(abs(at[labels == 0].mean() - (~at)[labels == 1].mean()))

    assert gap(measured.equal_error_threshold) == min(gap(t) for t in scores)
    at_equal = scores >= measured.equal_error_threshold
    assert measured.equal_error_accuracy == pytest.approx((at_equal == labels).mean())


def test_a_perfect_separation_is_perfect_everywhere() -> None:
    measured = measure_binary(np.array([0, 0, 1]), two(np.array([0.1, 0.2, 0.9])))
    assert measured.sensitivity == measured.specificity == measured.auc == 1
    assert measured.equal_error_accuracy == 1


def test_a_network_that_tells_nothing_has_measures_that_are_numbers() -> None:
    measured = measure_binary(np.array([0, 0, 0, 1]), two(np.full(4, 0.25)))
    assert measured.equal_error_threshold == 0.25
    assert measured.equal_error_accuracy == 0.25  # all are given as positive
    json.dumps(asdict(measured), allow_nan=False)
