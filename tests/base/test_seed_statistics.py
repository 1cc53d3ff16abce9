"""Statistics over seeds: the interval of a mean stays where values can be."""

import math

import pytest

from runner.base.seed_statistics import describe_seeds


@pytest.mark.parametrize("values", [[0.01], [0.0897, 0.1051]])
def test_fewer_than_three_seeds_have_no_interval(values: list[float]) -> None:
    assert "ci95_low" not in describe_seeds(values, 1.0)
    assert ("sd" in describe_seeds(values, 1.0)) == (len(values) > 1)


@pytest.mark.parametrize(
    ("values", "upper"),
    [
        ([0.0, 0.0, 0.01], 1.0),
        ([0.99, 1.0, 0.7], 1.0),
        ([99.0, 98.0, 99.9], 100.0),
        ([1e-9, 2.0, 5e3], math.inf),
    ],
)
def test_the_interval_stays_in_range_around_the_mean(values: list[float], upper: float) -> None:
    described = describe_seeds(values, upper)
    assert 0 < described["ci95_low"] < described["mean"] < described["ci95_high"] < upper


def test_far_from_the_ends_it_is_student_s_interval() -> None:
    described = describe_seeds([0.498, 0.5, 0.502, 0.501], 1.0)
    half = 3.18245 * described["sd"] / 2  # three degrees of freedom
    assert described["ci95_high"] - described["mean"] == pytest.approx(half, rel=1e-3)
    assert described["mean"] - described["ci95_low"] == pytest.approx(half, rel=1e-3)


def test_equal_values_are_their_own_interval() -> None:
    for value in (0.0, 0.25, 1.0):
        described = describe_seeds([value] * 3, 1.0)
        assert (described["ci95_low"], described["ci95_high"]) == (value, value)
