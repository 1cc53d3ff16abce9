"""Types of the arrays that modules exchange: images, labels, regression values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
