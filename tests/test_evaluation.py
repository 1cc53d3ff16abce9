"""Evaluation: predictions in stored order, and what is measured on them."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from runner.datasets.splits import Dataset, TestSplit
from runner.evaluation import evaluate, predict, prediction
from runner.evaluation.metrics import equal_error_threshold, measure_binary
from runner.evaluation.report import Report

NAMES = [str(digit) for digit in range(10)]


def network(outputs: int = 10) -> keras.Model:
    keras.utils.set_random_seed(0)
    activation = "sigmoid" if outputs == 1 else "softmax"
    scaled = keras.layers.Rescaling(1 / 255)
    drop, top = keras.layers.Dropout(0.5), keras.layers.Dense(outputs, activation=activation)
    return keras.Sequential([keras.Input((28, 28, 1)), scaled, keras.layers.Flatten(), drop, top])


def report_of(labels: list[int], predictions: list[int]) -> Report:
    probabilities = np.eye(3, dtype=np.float32)[predictions]
    return Report(np.array(labels), probabilities, {}, None, 0.5)


@pytest.mark.parametrize("batch", [1000, 300, 128, 7])
def test_predictions_are_those_of_keras_in_stored_order(
    batch: int, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction, "BATCH", batch)
    model, images = network(), digits.test.images
    ours = predict(model, images, xla=False)
    theirs = model.predict(images.astype(np.float32), verbose=0)
    assert ours.shape == (300, 10)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_predictions_follow_the_weights(digits: Dataset) -> None:
    model, images = network(), digits.test.images
    before = predict(model, images, xla=False)
    model.set_weights([2 * weight for weight in model.get_weights()])
    after = predict(model, images, xla=False)
    np.testing.assert_allclose(after, model.predict(images.astype(float), verbose=0), atol=1e-6)
    assert not np.allclose(before, after)


def test_one_output_gives_the_probabilities_of_both_labels(digits: Dataset) -> None:
    model, images = network(outputs=1), digits.test.images
    positive = model.predict(images.astype(np.float32), verbose=0)
    expected = np.hstack([1 - positive, positive])
    np.testing.assert_allclose(predict(model, images, xla=False), expected, atol=1e-6)


def test_a_report_compares_the_labels_of_the_same_split(digits: Dataset) -> None:
    model, test = network(), digits.test
    report = evaluate(model, test, NAMES, False)
    given = model.predict(test.images.astype(np.float32), verbose=0).argmax(axis=1)
    np.testing.assert_array_equal(report.predictions, given)
    np.testing.assert_array_equal(report.labels, test.labels)
    assert report.test_errors == (given != test.labels).sum()
    assert report.test_error == 1 - metrics.accuracy_score(test.labels, given)
    assert report.binary is None
    assert report.predict_seconds > 0
    recalls = metrics.recall_score(test.labels, given, average=None, zero_division=0)
    assert list(report.class_errors) == NAMES
    np.testing.assert_allclose(list(report.class_errors.values()), 1 - recalls)


def test_shuffled_labels_are_noticed(digits: Dataset) -> None:
    """The mistake of the handout: labels in another order than the predictions."""
    model = network()
    given = model.predict(digits.test.images.astype(np.float32), verbose=0).argmax(axis=1)
    right = TestSplit(digits.test.images, given)
    assert evaluate(model, right, NAMES, False).test_errors == 0
    rolled = replace(right, labels=np.roll(given, 1))
    assert evaluate(model, rolled, NAMES, False).test_errors == (given != np.roll(given, 1)).sum()


def test_errors_are_counts_and_fractions() -> None:
    report = report_of([0, 1, 2, 2], [0, 2, 2, 1])
    assert (report.test_errors, report.test_error) == (2, 0.5)
    numbers = report.numbers()
    assert numbers["test_errors"] == 2
    assert isinstance(numbers["test_errors"], int)
    assert numbers["test_error"] == 0.5
    assert numbers["test_images"] == 4
    assert numbers["predict_images_per_second"] == 8


def test_class_errors_add_up_to_all_errors(digits: Dataset) -> None:
    report = evaluate(network(), digits.test, NAMES, False)
    counts = np.bincount(digits.test.labels, minlength=10)
    wrong = [report.class_errors[name] * count for name, count in zip(NAMES, counts, strict=True)]
    assert round(sum(wrong), 6) == report.test_errors


def test_a_class_without_test_images_has_no_error_rate(digits: Dataset) -> None:
    zeros = digits.test.labels != 0
    test = TestSplit(digits.test.images[zeros], digits.test.labels[zeros])
    assert list(evaluate(network(), test, NAMES, False).class_errors) == NAMES[1:]


def test_binary_measures_by_hand() -> None:
    labels = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    positive = np.array([0.9, 0.8, 0.6, 0.3, 0.7, 0.4, 0.2, 0.1, 0.1, 0.05], np.float32)
    measured = measure_binary(labels, positive)
    assert measured.sensitivity == 3 / 4
    assert measured.specificity == pytest.approx(5 / 6)
    # of 4 x 6 pairs the positive image is ahead in 6 + 6 + 5 + 4
    assert measured.auc == pytest.approx(21 / 24)
    # at >= 0.6 a quarter of the positives is missed and one of six negatives is given; at the
    # next thresholds 1/4 and 2/6, so the first is not nearer: |1/6 - 1/4| = |2/6 - 1/4|
    assert measured.equal_error_threshold in (np.float32(0.6), np.float32(0.4))
    assert measured.equal_error_accuracy in (0.8, 0.7)


def test_the_threshold_of_equal_errors_is_sought_among_all_thresholds() -> None:
    """It may lie on a straight piece of the curve, whose inner points are often left out."""
    labels = np.array([1] * 4 + [0] * 8)
    positive = np.array([0.9, 0.8, 0.2, 0.1, 0.7, 0.69, 0.68, 0.67, 0.66, 0.65, 0.64, 0.63])
    threshold = equal_error_threshold(labels, positive.astype(np.float32))
    assert threshold == np.float32(0.67)  # four of eight, and two of four
    measured = measure_binary(labels, positive.astype(np.float32))
    assert measured.equal_error_accuracy == 0.5


@pytest.mark.parametrize("seed", range(5))
def test_binary_measures_are_those_of_sklearn(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 200)
    positive = np.clip(random.normal(0.35 + 0.3 * labels, 0.25), 0, 1).astype(np.float32)
    measured, given = measure_binary(labels, positive), positive > 0.5
    assert measured.sensitivity == pytest.approx(metrics.recall_score(labels, given))
    assert measured.specificity == pytest.approx(metrics.recall_score(1 - labels, ~given))
    assert measured.auc == pytest.approx(metrics.roc_auc_score(labels, positive))

    def gap(threshold: float) -> float:
        at = positive >= threshold
        return float(abs(at[labels == 0].mean() - (~at)[labels == 1].mean()))

    assert gap(measured.equal_error_threshold) == min(gap(t) for t in positive)
    at_equal = positive >= measured.equal_error_threshold
    assert measured.equal_error_accuracy == pytest.approx((at_equal == labels).mean())


def test_a_perfect_separation_is_perfect_everywhere() -> None:
    measured = measure_binary(np.array([0, 0, 1]), np.array([0.1, 0.2, 0.9], np.float32))
    assert measured.sensitivity == measured.specificity == measured.auc == 1
    assert measured.equal_error_accuracy == 1


def test_two_classes_are_reported_as_a_binary_task(digits: Dataset) -> None:
    keep = np.isin(digits.test.labels, [5, 6])
    labels: NDArray[Any] = (digits.test.labels[keep] == 6).astype(np.int64)
    report = evaluate(network(1), TestSplit(digits.test.images[keep], labels), ["5", "6"], False)
    numbers = report.numbers()
    assert {"sensitivity", "specificity", "auc", "equal_error_accuracy"} <= set(numbers)
    positives = labels.sum()
    missed = (1 - numbers["sensitivity"]) * positives
    alarms = (1 - numbers["specificity"]) * (len(labels) - positives)
    assert round(missed + alarms, 6) == report.test_errors
