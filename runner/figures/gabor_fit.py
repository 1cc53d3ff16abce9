"""Fits of oriented Gabor functions to small filters: is one an edge or a line detector?

A Gabor function is a wave under a Gaussian bell. Its even part, a cosine, answers most to a line
(or a spot) in the middle of the bell, its odd part, a sine, to an edge. Place, size, elongation,
orientation and frequency are sought by least squares, the amplitudes of both parts follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import scipy

Array = NDArray[np.float64]

PARAMETERS = 8
"""That a fit has: two of place, size, elongation, orientation, frequency, and two amplitudes."""

_LOW = np.array([-1.5, -1.5, 0.6, 0.5, -pi, 0.08])
_HIGH = np.array([1.5, 1.5, 3.0, 3.0, pi, 0.35])
_START = (0.0, 0.0, 1.2, 1.2)
_ORIENTATIONS, _FREQUENCY, _EVALUATIONS = 4, 0.17, 30


@dataclass(frozen=True)
class GaborFit:
    """The Gabor function nearest to a filter.

    Attributes:
        weights: of the function, [height, width].
        explained: share of the filter's squared weights that it explains, 0 to 1.
        even: share of the even part in the function's squared weights; 1 is a line, 0 an edge.
        angle: of the line or edge in degrees, 0 to 180, counterclockwise from horizontal.
    """

    weights: Array
    explained: float
    even: float
    angle: float

    @property
    def is_line(self) -> bool:
        """Whether it answers more to a line than to an edge."""
        return self.even > 1 / 2


def fit_gabor(weights: Array) -> GaborFit:
    """Return the best of fits that start at several orientations.

    Args:
        weights: of a filter, [height, width], at least 5 x 5: they are to be more than PARAMETERS.
    """
    fits = [_fit(weights, n * pi / _ORIENTATIONS) for n in range(_ORIENTATIONS)]
    return max(fits, key=lambda fit: fit.explained)


def shuffled(filters: Array, times: int, seed: int) -> Array:
    """Return filters with the same weights at random places, [times * n, height, width]."""
    random = np.random.default_rng(seed)
    flat = np.repeat(filters.reshape(len(filters), -1), times, axis=0)
    return random.permuted(flat, axis=1).reshape(-1, *filters.shape[1:])


def _fit(weights: Array, orientation: float) -> GaborFit:
    def residual(parameters: Array) -> Array:
        parts, amplitudes = _solved(parameters, weights)
        return weights.ravel() - parts @ amplitudes

    start = [*_START, orientation, _FREQUENCY]
    found = scipy.optimize.least_squares(
        residual, start, bounds=(_LOW, _HIGH), max_nfev=_EVALUATIONS
    ).x
    parts, amplitudes = _solved(found, weights)
    function = parts @ amplitudes
    even, odd = (float(np.square(part).sum()) for part in (parts * amplitudes).T)
    left = float(np.square(weights.ravel() - function).sum())
    return GaborFit(
        weights=function.reshape(weights.shape),
        explained=1 - left / float(np.square(weights).sum() or 1),
        even=even / (even + odd or 1),
        angle=float(np.degrees(pi / 2 - found[4]) % 180),
    )


def _solved(parameters: Array, weights: Array) -> tuple[Array, Array]:
    """Return the even and the odd part, [weights, 2], and the amplitudes that fit best, [2]."""
    parts = _parts(parameters, weights.shape)
    amplitudes, *_ = np.linalg.lstsq(parts, weights.ravel(), rcond=None)
    return parts, np.asarray(amplitudes, np.float64)


def _parts(parameters: Array, shape: tuple[int, ...]) -> Array:
    x0, y0, size, elongation, orientation, frequency = parameters
    from_middle_x, from_middle_y = _from_middle(shape)
    x, y = from_middle_x - x0, from_middle_y - y0
    across = x * np.cos(orientation) + y * np.sin(orientation)
    along = y * np.cos(orientation) - x * np.sin(orientation)
    bell = np.exp(-0.5 * ((across / size) ** 2 + (along / (size * elongation)) ** 2))
    phase = 2 * pi * frequency * across
    return np.stack([(bell * np.cos(phase)).ravel(), (bell * np.sin(phase)).ravel()], axis=1)


@cache
def _from_middle(shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Return columns and rows from the middle, once for the thousands of functions of a figure."""
    height, width = shape
    y, x = np.mgrid[:height, :width]
    return x - (width - 1) / 2, y - (height - 1) / 2
