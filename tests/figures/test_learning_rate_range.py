"""Suggested learning rates of a range test."""

import numpy as np
import pytest
from numpy.typing import NDArray

from runner.figures.learning_rate_range import draw_range, suggest_rates
from runner.run.learning_rate_finder import suggestion

RATES = np.geomspace(1e-6, 10, 100)


def curve(steepest: float, diverging: float) -> NDArray[np.float64]:
    """Fall along a sigmoid in the logarithm, then rise along another one."""
    powers = np.log10(RATES)
    fall = 2 / (1 + np.exp(5 * (powers - np.log10(steepest))))
    rise = 20 / (1 + np.exp(-8 * (powers - np.log10(diverging) - 0.5)))
    noise = np.random.default_rng(0).normal(0, 0.02, 100)
    return np.asarray(0.3 + fall + rise + noise)


def test_rates_are_where_the_curve_falls_fastest_and_where_it_diverges() -> None:
    found = suggest_rates(RATES, curve(1e-3, 0.3))
    assert found.steepest == pytest.approx(1e-3, rel=0.4)
    assert found.diverging == pytest.approx(0.3, rel=0.5)
    assert found.diverging is not None
    assert found.cautious == found.diverging / 10
    text = suggestion(found, 10.0)
    assert f"optimizer.learning_rate={found.steepest:.1e} (steepest descent)" in text
    assert f"optimizer.learning_rate={found.cautious:.1e} (a tenth of " in text


def test_a_huge_loss_at_the_end_moves_nothing() -> None:
    losses = curve(1e-3, 0.3)
    losses[-1] = 1e9
    for name in ("steepest", "diverging"):
        expected = getattr(suggest_rates(RATES, curve(1e-3, 0.3)), name)
        assert getattr(suggest_rates(RATES, losses), name) == expected


def test_a_loss_that_only_falls_does_not_diverge() -> None:
    found = suggest_rates(RATES, curve(1e-3, 1e9))
    assert (found.diverging, found.cautious) == (None, None)
    assert "does not diverge up to 1.0e+01" in suggestion(found, 10.0)


def test_a_loss_that_never_falls_suggests_nothing_by_descent() -> None:
    assert suggest_rates(RATES, np.full(100, 2.3)).steepest is None


def test_rates_are_lines_of_the_figure() -> None:
    losses = curve(1e-3, 0.3)
    found = suggest_rates(RATES, losses)
    (axes,) = draw_range(RATES, losses, found, 5, title="x" * 99, language="pt").axes
    drawn = [float(np.asarray(line.get_xdata())[0]) for line in axes.lines[2:]]
    assert drawn == [found.steepest, found.cautious, found.diverging]
