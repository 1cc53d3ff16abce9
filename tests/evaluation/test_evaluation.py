"""Evaluation: predictions in stored order, and what is measured on them."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import Dataset, TestSplit
from runner.evaluation.assessment import assess, evaluate
from runner.evaluation.binary_metrics import equal_error_threshold, measure_binary
from runner.evaluation.class_metrics import as_text, measure_classes
from runner.evaluation.classification_report import Report
from runner.evaluation.predictions import positive_scores
from runner.evaluation.predictions_file import load_predictions
from runner.evaluation.probabilities import predict_probabilities
from runner.run.closing_table import class_rows, closing_rows
from runner.run.result import summarize
from runner.training import inference

NAMES = [str(digit) for digit in range(10)]


def network(outputs: int = 10) -> keras.Model:
    keras.utils.set_random_seed(0)
    activation = "sigmoid" if outputs == 1 else "softmax"
    scaled = keras.layers.Rescaling(1 / 255)
    drop, top = keras.layers.Dropout(0.5), keras.layers.Dense(outputs, activation=activation)
    return keras.Sequential([keras.Input((28, 28, 1)), scaled, keras.layers.Flatten(), drop, top])


def report_of(labels: list[int], predictions: list[int]) -> Report:
    probabilities = np.eye(3, dtype=np.float32)[predictions]
    truth, names = np.array(labels), ["a", "b", "c"]
    classes = measure_classes(truth, np.array(predictions), names)
    return Report(
        labels=truth,
        probabilities=probabilities,
        class_names=names,
        classes=classes,
        binary=None,
        predict_seconds=0.5,
    )


def two(positive: NDArray[Any]) -> NDArray[np.float32]:
    """Return the probabilities of both labels from those of label 1."""
    return np.column_stack([1 - positive, positive]).astype(np.float32)


@pytest.mark.parametrize("batch", [1000, 300, 128, 7])
def test_predictions_are_those_of_keras_in_stored_order(
    batch: int, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "BATCH", batch)
    model, images = network(), digits.test.images
    ours = predict_probabilities(model, images, xla=False)
    theirs = model.predict(images.astype(np.float32), verbose=0)
    assert ours.shape == (300, 10)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_predictions_follow_the_weights(digits: Dataset) -> None:
    model, images = network(), digits.test.images
    before = predict_probabilities(model, images, xla=False)
    model.set_weights([2 * weight for weight in model.get_weights()])
    after = predict_probabilities(model, images, xla=False)
    np.testing.assert_allclose(after, model.predict(images.astype(float), verbose=0), atol=1e-6)
    assert not np.allclose(before, after)


def test_one_output_gives_the_probabilities_of_both_labels(digits: Dataset) -> None:
    model, images = network(outputs=1), digits.test.images
    positive = model.predict(images.astype(np.float32), verbose=0)
    expected = np.hstack([1 - positive, positive])
    np.testing.assert_allclose(predict_probabilities(model, images, xla=False), expected, atol=1e-6)


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


def test_what_is_kept_says_which_images_it_is_of(digits: Dataset, tmp_path: Path) -> None:
    assert digits.validation is not None
    report, validation = assess(
        network(), digits, False, EvaluationConfig(test=True, tta=None, tta_versions=1, fitted=True)
    )
    for told, split in ((report, digits.test), (validation, digits.validation)):
        assert told is not None
        arrays: dict[str, Any] = told.arrays()
        np.savez(tmp_path / "kept.npz", allow_pickle=False, **arrays)
        kept = load_predictions(tmp_path / "kept.npz")
        assert kept is not None
        assert kept.examples == split.examples != ""


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


def test_measures_of_classes_by_hand() -> None:
    """Of class a 2 of 3 are found, and one b is taken for a; no image has label c."""
    labels, given = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 2, 0, 1])
    classes = measure_classes(labels, given, ["a", "b", "c"])
    assert list(classes) == ["a", "b"]
    a, b = classes["a"], classes["b"]
    assert [a.precision, a.recall, a.f1] == pytest.approx([2 / 3] * 3)
    assert (b.precision, b.recall, b.support) == (1, 0.5, 2)
    assert isinstance(b.support, int)


def test_a_class_that_no_image_was_given_has_precision_0() -> None:
    classes = measure_classes(np.array([0, 1]), np.array([0, 0]), ["a", "b"])
    assert (classes["b"].precision, classes["b"].recall, classes["b"].f1) == (0, 0, 0)


def test_macro_averages_count_each_class_once() -> None:
    numbers = report_of([0] * 8 + [1, 2], [0] * 8 + [0, 2]).metrics()
    assert numbers["macro"]["recall"] == pytest.approx(2 / 3)
    assert numbers["macro"]["precision"] == pytest.approx((8 / 9 + 0 + 1) / 3)
    assert numbers["classes"]["a"]["support"] == 8
    assert numbers["weighted"]["recall"] == pytest.approx(0.9)
    assert numbers["weighted"]["precision"] == pytest.approx((8 * 8 / 9 + 0 + 1) / 10)


def test_the_text_shows_every_class_and_who_was_taken_for_whom() -> None:
    labels, given = np.array([0, 0, 0, 1]), np.array([0, 0, 2, 1])
    names = ["a cat", "b", "c", "never there"]
    lines = as_text(measure_classes(labels, given, names), labels, given, names).splitlines()
    assert lines[0] == "1 of 4 test images given a wrong label"
    assert "a cat                1.0000  0.6667  0.8000       3" in lines
    assert "weighted average     1.0000  0.7500  0.8500       4" in lines
    assert [line.split() for line in lines[-5:]] == [
        ["a", "cat", "b", "c", "never", "there"],
        ["a", "cat", "2", "0", "1", "0"],
        ["b", "0", "1", "0", "0"],
        ["c", "0", "0", "0", "0"],
        ["never", "there", "0", "0", "0", "0"],
    ]


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


def test_the_terminal_and_the_summary_tell_the_measures_of_two_classes() -> None:
    numbers = {"sensitivity": 0.9, "specificity": 0.75, "auc": 0.5, "equal_error_accuracy": 1.0}
    one = {"test_error": 0.1, "test_errors": 1, "test_images": 10} | numbers
    told = dict(closing_rows([one], summarize([one])))
    assert told["sensitivity, specificity"] == "0.9000  0.7500"
    assert told["AUC, accuracy at equal error"] == "0.5000  1.0000"
    both = [one, one | {"sensitivity": 0.8}]
    assert summarize(both)["sensitivity"]["mean"] == pytest.approx(0.85)
    told = dict(closing_rows(both, summarize(both)))
    assert told["sensitivity, specificity"] == "0.8500 ± 0.0707  0.7500 ± 0.0000"


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


def test_the_terminal_shows_each_of_few_classes_and_the_worst_of_many() -> None:
    few = [report_of([0, 0, 1, 2], [0, 0, 1, given]).metrics() for given in (2, 1)]
    rows = dict(class_rows(few))
    means = ["precision, recall, F1: mean", "precision, recall, F1: weighted"]
    assert list(rows) == [*means, "  a", "  b", "  c"]
    assert rows["  c"] == "0.500  0.500  0.500"  # of both seeds
    assert rows["  b"].startswith("0.750  1.000")
    many = dict.fromkeys("defg", few[1]["classes"]["a"]) | {"worst": few[1]["classes"]["c"]}
    assert list(class_rows([few[1] | {"classes": many}]))[-1] == (
        "  lowest F1: worst",
        "0.000  0.000  0.000",
    )
    assert not list(class_rows([{"validation_error": 0.1}]))
