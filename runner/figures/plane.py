"""The plane of two features: the rectangle around their points, and a grid in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
_MARGIN = 0.15
"""Beside the points, as a fraction of their range."""


@dataclass(frozen=True)
class Plane:
    """A rectangle of the plane.

    Attributes:
        low: least value of each feature.
        high: greatest value of each feature.
    """

    low: tuple[float, float]
    high: tuple[float, float]

    @classmethod
    def around(cls, points: Values) -> Self:
        """Return the rectangle around points [n, 2], with a margin."""
        low, high = points.min(axis=0), points.max(axis=0)
        margin = _MARGIN * np.where(high > low, high - low, 1)
        (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
        return cls((left, bottom), (right, top))

    def grid(self, side: int) -> Values:
        """Return points row by row, the top first, float32 [side * side, 2]."""
        across = np.linspace(self.low[0], self.high[0], side)
        down = np.linspace(self.high[1], self.low[1], side)
        return np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2).astype(np.float32)
