"""The report of a classification: errors of the test images, of each class and of two classes."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from evaluation.reports import NAMES, network, report_of
from runner.datasets.splits import Dataset, TestSplit
from runner.evaluation.assessment import evaluate
from runner.run.closing_table import closing_rows
from runner.run.result import summarize


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
    rolled = replace(right, targets=np.roll(given, 1))
    assert evaluate(model, rolled, NAMES, False).test_errors == (given != np.roll(given, 1)).sum()


def test_errors_are_counts_and_fractions() -> None:
    report = report_of([0, 1, 2, 2], [0, 2, 2, 1])
    assert (report.test_errors, report.test_error) == (2, 0.5)
    numbers = report.metrics()
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


def test_macro_averages_count_each_class_once() -> None:
    numbers = report_of([0] * 8 + [1, 2], [0] * 8 + [0, 2]).metrics()
    assert numbers["macro"]["recall"] == pytest.approx(2 / 3)
    assert numbers["macro"]["precision"] == pytest.approx((8 / 9 + 0 + 1) / 3)
    assert numbers["classes"]["a"]["support"] == 8
    assert numbers["weighted"]["recall"] == pytest.approx(0.9)
    assert numbers["weighted"]["precision"] == pytest.approx((8 * 8 / 9 + 0 + 1) / 10)


@pytest.mark.filterwarnings("error")
def test_test_images_of_one_class_are_no_binary_task(digits: Dataset) -> None:
    test = replace(digits.test, targets=np.zeros_like(digits.test.labels))
    report = evaluate(network(1), test, ["5", "6"], False)
    assert report.binary is None
    json.dumps(report.metrics(), allow_nan=False)
    summary = summarize([report.metrics() | {"seed": 0}])
    assert not [
        name for name, _ in closing_rows([report.metrics()], summary) if "sensitivity" in name
    ]


def test_two_classes_are_reported_as_a_binary_task(digits: Dataset) -> None:
    keep = np.isin(digits.test.labels, [5, 6])
    labels: NDArray[Any] = (digits.test.labels[keep] == 6).astype(np.int64)
    report = evaluate(network(1), TestSplit(digits.test.images[keep], labels), ["5", "6"], False)
    numbers = report.metrics()
    assert {"sensitivity", "specificity", "auc", "equal_error_accuracy"} <= set(numbers)
    positives = labels.sum()
    missed = (1 - numbers["sensitivity"]) * positives
    alarms = (1 - numbers["specificity"]) * (len(labels) - positives)
    assert round(missed + alarms, 6) == report.test_errors
