"""Precision, recall and F1 of each class, and the text that shows them."""

import numpy as np
import pytest

from runner.evaluation.class_metrics import as_text, measure_classes


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
