"""The rows of classes, and of a task of two, in the table that a run prints at its end."""

import pytest
from evaluation.reports import report_of

from runner.run.closing_table import class_rows, closing_rows
from runner.run.result import summarize


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
