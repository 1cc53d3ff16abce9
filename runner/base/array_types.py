"""Types of the arrays that modules exchange: images, labels, regression values."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from runner.base.option_types import Items

Images = NDArray[np.uint8 | np.float32]
"""Pixels, uint8 [n, height, width, channels], or features of a table, float32 [n, features]."""
Labels = NDArray[np.int64]
"""Class indices, int64 [n]."""
RegressionValues = NDArray[np.float32]
"""Targets or predictions of a regression, float32 [n, outputs]."""
Targets = Labels | RegressionValues
"""Labels of a classification or values of a regression; see `runner.base.tasks`."""


def items_of(images: Images) -> Items:
    """Return what they are called."""
    return "rows" if images.ndim == 2 else "images"  # noqa: PLR2004


def finite_numbers(numbers: ArrayLike) -> NDArray[np.float32]:
    """Return numbers as networks take them.

    Raises:
        ValueError: they are no numbers, or not finite as float32.
    """
    with np.errstate(over="ignore"):
        values = np.asarray(numbers).astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("expected finite numbers of 32 bits, got NaN, infinite or larger ones")
    return values
