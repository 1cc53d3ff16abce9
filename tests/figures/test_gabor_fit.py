"""Which filters are edge or line detectors."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures.configured import Configured
from runner.figures.finished_run import ClassificationRun
from runner.figures.gabor_fit import fit_gabor, shuffled


def wave(angle: float, odd: bool) -> np.ndarray:
    """Return a line or an edge at an angle from horizontal, 5 x 5, under a bell."""
    y, x = np.mgrid[:5, :5] - 2.0
    across = x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
    bell = np.exp(-0.5 * (x**2 + y**2) / 1.44)
    return np.asarray(bell * (np.sin if odd else np.cos)(2 * np.pi * 0.2 * across))


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
@pytest.mark.parametrize("odd", [True, False])
def test_a_gabor_function_is_recognized_with_its_angle_and_kind(angle: int, odd: bool) -> None:
    fit = fit_gabor(3 * wave(angle, odd))
    assert fit.explained > 0.98
    assert fit.is_line is not odd
    assert abs((fit.angle - angle + 90) % 180 - 90) < 8


def test_noise_and_shuffled_weights_are_explained_less() -> None:
    filters = np.stack([wave(angle, odd=True) for angle in (0, 45, 90)])
    mixed = shuffled(filters, 4, seed=0)
    assert mixed.shape == (12, 5, 5)
    np.testing.assert_allclose(np.sort(mixed[0].ravel()), np.sort(filters[0].ravel()))
    assert np.mean([fit_gabor(weights).explained for weights in mixed]) < 0.75
    assert 0 <= fit_gabor(np.zeros((5, 5))).explained <= 1


def test_filters_are_drawn_best_first_beside_a_control(digits: ClassificationRun) -> None:
    figure, text = Configured("filter-kinds")(digits, limit=4, shuffles=2)
    assert isinstance(figure, Figure)
    head, means, blank, *rows = text.splitlines()
    assert "of 8 shuffled filters" in head
    assert means.startswith("mean 0.")
    assert blank == ""
    explained = [float(row.split()[-1]) for row in rows]
    assert explained == sorted(explained, reverse=True)
    portuguese = Configured("filter-kinds")(replace(digits, language="pt"), limit=1, shuffles=1)[1]
    assert "filtros embaralhados" in portuguese


def test_small_filters_have_too_few_weights(digits: ClassificationRun) -> None:
    from keras import Input, Sequential, layers

    small = Sequential([Input((28, 28, 1)), layers.Conv2D(2, 3), layers.Flatten()])
    assert Configured("filter-kinds")(replace(digits, model=small)) is None
