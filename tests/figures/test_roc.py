"""The ROC curve: its points, its area, the threshold of equal errors."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import accuracy_score, roc_auc_score

from runner.evaluation.binary_metrics import measure_binary
from runner.evaluation.predictions import positive_scores
from runner.figures.finished_run import (
    ClassificationRun,
)
from runner.figures.roc import at_equal_error, at_half, draw_roc, roc


def test_points_are_those_of_the_predictions(five_or_six: ClassificationRun) -> None:
    labels, scores = five_or_six.labels, positive_scores(five_or_six.probabilities)
    half = at_half(labels, scores)
    positives, negatives = int(labels.sum()), int((1 - labels).sum())
    right = half.true_positive * positives + (1 - half.false_positive) * negatives
    accuracy = accuracy_score(labels, five_or_six.predictions)
    assert right / len(labels) == pytest.approx(accuracy)
    equal = at_equal_error(labels, scores)
    gaps = [
        abs((scores[labels == 0] >= score).mean() - (scores[labels == 1] < score).mean())
        for score in scores
    ]
    gap = abs(equal.false_positive - (1 - equal.true_positive))
    assert gap == pytest.approx(min(gaps))
    assert gap < 2 / len(labels)
    assert 0 < equal.false_positive < 0.1


def test_the_equal_error_is_that_of_the_report(five_or_six: ClassificationRun) -> None:
    report = measure_binary(five_or_six.labels, five_or_six.probabilities)
    scores = positive_scores(five_or_six.probabilities)
    equal = at_equal_error(five_or_six.labels, scores)
    assert equal.threshold == report.equal_error_threshold
    positives, negatives = int(five_or_six.labels.sum()), int((1 - five_or_six.labels).sum())
    right = equal.true_positive * positives + (1 - equal.false_positive) * negatives
    assert right / len(scores) == pytest.approx(report.equal_error_accuracy)
    figure = roc(five_or_six)
    assert isinstance(figure, Figure)
    (point,) = [
        line
        for line in figure.axes[0].lines
        if str(line.get_label()).startswith(f"equal error, threshold {equal.threshold:.3g}: ")
    ]
    assert np.ravel(point.get_xydata()) == pytest.approx(
        [100 * equal.false_positive, 100 * equal.true_positive]
    )


def test_subtitle_gives_the_area(five_or_six: ClassificationRun) -> None:
    figure = roc(five_or_six)
    assert isinstance(figure, Figure)
    area = roc_auc_score(five_or_six.labels, five_or_six.probabilities[:, 1])
    assert f"(AUC) {area:.5f}" in figure.texts[1].get_text()


def test_known_equal_error() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    scores = np.array([0.1, 0.2, 0.3, 0.8, 0.25, 0.7, 0.9, 0.95])
    equal = at_equal_error(labels, scores)
    assert (equal.false_positive, equal.true_positive) == (0.25, 0.75)
    assert equal.threshold == 0.7


def test_perfect_and_useless_scores_are_drawn() -> None:
    labels = np.repeat([0, 1], 50)
    for scores in (labels.astype(np.float64), np.full(100, 0.5)):
        assert isinstance(draw_roc(labels, scores, "6"), Figure)


def test_images_of_one_class_are_a_reason_not_to_draw(five_or_six: ClassificationRun) -> None:
    labels = np.zeros_like(five_or_six.labels)
    sixes = replace(five_or_six, labels=labels, class_names=["5", "6"])
    assert roc(sixes) == "ROC curve not drawn: all test images show 5"
    said = roc(replace(sixes, language="pt"))
    assert said == "Curva ROC não desenhada: todas as imagens de teste mostram 5"


def test_is_none_unless_there_are_two_classes(digits: ClassificationRun) -> None:
    assert roc(digits) is None
