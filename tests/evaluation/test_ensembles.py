"""Ensembles: networks that answer by the average of their probabilities."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from experiments import table
from runner.evaluation.ensembles import average_predictions, measure_ensemble
from runner.evaluation.predictions import Predictions

LABELS = np.array([0, 1, 2])
SURE, UNSURE, WRONG = [0.9, 0.05, 0.05], [0.4, 0.3, 0.3], [0.2, 0.5, 0.3]


def network(*rows: list[float], views: bool = False) -> Predictions:
    """Return rows of probabilities, each beginning with that of the true label."""
    rolled = np.array([np.roll(row, shift) for shift, row in enumerate(rows)], np.float32)
    return Predictions(LABELS, rolled, rolled[:, ::-1] if views else None)


def test_the_average_is_right_where_one_is_surer_than_the_other() -> None:
    a, b = network(SURE, WRONG, UNSURE), network(WRONG, SURE, WRONG)
    together = average_predictions([a, b])
    expected = (a.probabilities + b.probabilities) / 2
    np.testing.assert_allclose(together.probabilities, expected, atol=1e-7)
    assert together.probabilities.dtype == np.float32
    assert [one.errors("test")["test_errors"] for one in (a, b, together)] == [1, 2, 1]


def test_three_times_the_same_network_is_that_network() -> None:
    one = network(SURE, WRONG, UNSURE)
    np.testing.assert_array_equal(average_predictions([one] * 3).probabilities, one.probabilities)


def test_networks_asked_about_other_images_are_refused() -> None:
    other = Predictions(LABELS[::-1], network(SURE, SURE, SURE).probabilities)
    with pytest.raises(ValueError, match="same images"):
        average_predictions([network(SURE, SURE, SURE), other])
    ours = network(SURE, SURE, SURE)
    with pytest.raises(ValueError, match="same images"):
        average_predictions([ours, replace(ours, examples="others with the same labels")])


def test_views_are_averaged_where_all_have_them() -> None:
    plain, both = network(SURE, SURE, SURE), network(SURE, SURE, SURE, views=True)
    assert average_predictions([both, both]).tta_probabilities is not None
    assert average_predictions([both, plain]).tta_probabilities is None


def test_a_split_is_measured_where_every_network_saw_it() -> None:
    one = network(SURE, SURE, WRONG)
    assert measure_ensemble({"test": [one, None], "validation": [one, one]}) == {
        "networks": 2,
        "validation_error": 1 / 3,
        "validation_errors": 1,
        "validation_error_ci95_low": pytest.approx(0.0615, abs=1e-4),
        "validation_error_ci95_high": pytest.approx(0.7923, abs=1e-4),
        "validation_images": 3,
    }
    assert measure_ensemble({"test": [one]}) == {}


# --- in the table of experiments ---------------------------------------------------------------


def test_the_table_shows_averages_where_a_result_has_them() -> None:
    seeds = [
        {"test_error": 0.003, "tta_test_error": 0.0028, "train_seconds": 3},
        {"test_error": 0.0034, "tta_test_error": 0.0026, "train_seconds": 5},
    ]
    where = {"environment": {"gpu": "none", "cpu": "a CPU"}, "date": "2026-01-31"}
    result: dict[str, Any] = {"seeds": seeds, **where}
    ensemble = {"networks": 2, "test_error": 0.0025, "tta_test_error": 0.0023}
    cells = table._row("a", {}, result | {"ensemble": ensemble}).split(" | ")
    assert cells[3:10] == ["0.320 ± 0.028 %", "-", "2", "0.30 .. 0.34", "-", "0.270 ± 0.014 %",
                          "0.25 %, 0.23 % with views averaged"]  # fmt: skip
    plain = {**where, "seeds": [{"test_error": 0.003, "train_seconds": 3}]}
    assert table._row("a", {}, plain).split(" | ")[8:10] == ["-", "-"]
    assert len(cells) == table.HEADER.splitlines()[0].count(" | ") + 1


def test_a_header_says_them_once_however_often_it_is_written() -> None:
    seed = {"test_error": 0.003, "train_seconds": 3}
    result = {
        "seeds": [seed, seed],
        "ensemble": {"networks": 2, "test_error": 0.0025},
        "environment": {"gpu": "none", "cpu": "a CPU"},
        "date": "2026-01-31",
    }
    once = table._with_header("# a task\n# command   x\ntraining:\n", result, None)
    assert "# averaged  ensemble 0.25 %\n" in once
    assert table._with_header(once, result, None) == once
