"""Ensembles: networks that answer by the average of their probabilities."""

import numpy as np
import pytest

from runner.ensembles import combine, measure
from runner.predictions import Predictions

LABELS = np.array([0, 1, 2])
SURE, UNSURE, WRONG = [0.9, 0.05, 0.05], [0.4, 0.3, 0.3], [0.2, 0.5, 0.3]


def network(*rows: list[float], views: bool = False) -> Predictions:
    """Return rows of probabilities, each beginning with that of the true label."""
    rolled = np.array([np.roll(row, shift) for shift, row in enumerate(rows)], np.float32)
    return Predictions(LABELS, rolled, rolled[:, ::-1] if views else None)


def test_the_average_is_right_where_one_is_surer_than_the_other() -> None:
    a, b = network(SURE, WRONG, UNSURE), network(WRONG, SURE, WRONG)
    together = combine([a, b])
    expected = (a.probabilities + b.probabilities) / 2
    np.testing.assert_allclose(together.probabilities, expected, atol=1e-7)
    assert together.probabilities.dtype == np.float32
    assert [one.errors("test")["test_errors"] for one in (a, b, together)] == [1, 2, 1]


def test_three_times_the_same_network_is_that_network() -> None:
    one = network(SURE, WRONG, UNSURE)
    np.testing.assert_array_equal(combine([one] * 3).probabilities, one.probabilities)


def test_networks_asked_about_other_images_are_refused() -> None:
    other = Predictions(LABELS[::-1], network(SURE, SURE, SURE).probabilities)
    with pytest.raises(ValueError, match="same images"):
        combine([network(SURE, SURE, SURE), other])


def test_views_are_averaged_where_all_have_them() -> None:
    plain, both = network(SURE, SURE, SURE), network(SURE, SURE, SURE, views=True)
    assert combine([both, both]).tta_probabilities is not None
    assert combine([both, plain]).tta_probabilities is None


def test_a_split_is_measured_where_every_network_saw_it() -> None:
    one = network(SURE, SURE, WRONG)
    assert measure({"test": [one, None], "validation": [one, one]}) == {
        "networks": 2,
        "validation_error": 1 / 3,
        "validation_errors": 1,
        "validation_images": 3,
    }
    assert measure({"test": [one]}) == {}
