"""Statistics of comparisons, against closed forms, known values and simulated trainings."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from runner.base.binomial import binomial_sd, wilson_interval
from runner.sweeps.report.power import detectable, holm, smallest_difference
from runner.sweeps.report.seed_bootstrap import bootstrap


@pytest.mark.parametrize(("wrong", "images"), [(24, 10_000), (0, 60), (3, 3), (1, 1850)])
def test_wilson_is_that_of_scipy(wrong: int, images: int) -> None:
    expected = stats.binomtest(wrong, images).proportion_ci(0.95, method="wilson")
    assert wilson_interval(wrong, images) == pytest.approx((expected.low, expected.high))


def test_the_binomial_sd_is_that_of_drawn_counts() -> None:
    drawn = np.random.default_rng(0).binomial(10_000, 0.0075, 20_000) / 10_000
    assert binomial_sd(0.0075, 10_000) == pytest.approx(drawn.std(), rel=0.02)


@pytest.mark.parametrize(
    ("size", "groups", "effect"), [(64, 2, 0.5), (26, 2, 0.8), (34, 1, 0.5), (15, 1, 0.8)]
)
def test_power_is_that_of_cohens_tables(size: int, groups: int, effect: float) -> None:
    """Smallest sizes that show medium and large effects 8 times of 10 (Cohen 1988; G*Power)."""

    def shown(size: int) -> float:
        return float(detectable(groups * (size - 1)) * (groups / size) ** 0.5)

    assert shown(size) <= effect < shown(size - 1)


def test_the_smallest_difference_is_found_8_times_of_10() -> None:
    random = np.random.default_rng(0)
    a, b = random.normal(1.0, 0.1, 10), random.normal(1.0, 0.2, 6)
    smallest = smallest_difference(dict(enumerate(a)), dict(enumerate(b, 100)))
    sd = (a.var(ddof=1) / 10 + b.var(ddof=1) / 6) ** 0.5
    assert smallest == pytest.approx(sd * detectable(14))
    draws = random.normal(0, 0.1, (4_000, 20)), random.normal(0.093, 0.1, (4_000, 20))
    found = (stats.ttest_ind(*draws, axis=1).pvalue < 0.05).mean()
    assert detectable(38) * 0.1 * (2 / 20) ** 0.5 == pytest.approx(0.091, abs=0.001)
    assert found == pytest.approx(0.82, abs=0.02)


def test_equal_seeds_are_paired() -> None:
    a = {0: 1.0, 1: 2.0, 2: 3.0}
    b = {seed: error + gap for (seed, error), gap in zip(a.items(), (0.1, 0.2, 0.3), strict=True)}
    assert smallest_difference(a, b) == pytest.approx(0.1 / 3**0.5 * detectable(2))


def test_holm_is_the_textbooks() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_of_single_networks_the_bootstrap_is_that_of_mcnemars_counts() -> None:
    """The difference of two networks has the variance (b + c - (b - c)^2 / n) / n^2."""
    a, b = np.zeros((1, 10_000)), np.zeros((1, 10_000))
    a[0, :90], b[0, 60:120] = 1, 1
    found = bootstrap(a, b, replicates=20_000)
    sd = (60 + 30 - 30**2 / 10_000) ** 0.5 / 10_000
    assert found.difference == pytest.approx(-0.003)
    assert (found.low, found.high) == pytest.approx(
        (-0.003 - 1.96 * sd, -0.003 + 1.96 * sd), abs=1e-4
    )
    assert found.better == 1.0


def test_better_is_counted_over_pairs_and_has_a_criterion() -> None:
    def networks(*wrong: int) -> NDArray[np.float64]:
        return np.array([[n < count for n in range(2_000)] for count in wrong], float)

    found = bootstrap(networks(30, 40, 50, 50), networks(30, 35, 45, 50))
    assert found.better == (3.5 + 3 + 2 + 1) / 16
    assert not found.meets_criterion
    clear = bootstrap(networks(*range(60, 80)), networks(*range(20, 40)))
    assert (clear.better, clear.better_low, clear.meets_criterion) == (1.0, 1.0, True)
    same = bootstrap(networks(30, 40, 50), networks(30, 40, 50))
    assert same.better == 0.5
    assert same.low < 0 < same.high


def test_draws_are_the_same_every_time() -> None:
    random = np.random.default_rng(3)
    a, b = (random.random((3, 500)) < 0.1 for _ in "ab")
    assert bootstrap(a.astype(float), b.astype(float)) == bootstrap(
        a.astype(float), b.astype(float)
    )


def test_the_interval_holds_the_truth_95_times_of_100() -> None:
    """Networks of different skill on images of different difficulty, A and B alike on average."""
    random, held, trials = np.random.default_rng(0), 0, 150

    def train(difficulty: NDArray[np.float64]) -> NDArray[np.float64]:
        skill = random.normal(0, 0.3, (6, 1))
        right = 1 / (1 + np.exp(3 + skill - difficulty))
        return (random.random((6, 400)) < right).astype(float)

    for trial in range(trials):
        difficulty = random.normal(0, 2, 400)
        paired = bool(trial % 2)  # seeds say nothing here; pairs of them must do no harm
        found = bootstrap(train(difficulty), train(difficulty), paired=paired, replicates=300)
        held += found.low <= 0 <= found.high
    assert 0.92 <= held / trials <= 0.99
