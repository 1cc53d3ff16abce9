"""Arrays that the parts of the program hand to each other, by what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8 | np.float32]
"""Pixels of images, uint8 [n, height, width, channels], or features of a table, float32 [n, f]."""
Labels = NDArray[np.int64]
"""Numbers of classes, [n]."""
RegressionValues = NDArray[np.float32]
"""What a regression tells, [n, outputs]."""
Targets = Labels | RegressionValues
"""What is to be told of images; see `runner.base.tasks`."""
