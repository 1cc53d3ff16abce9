"""How far predicted numbers are from the true ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.base.array_types import RegressionValues
from runner.base.lazy import sklearn


@dataclass(frozen=True)
class RegressionMetrics:
    """How far predictions are from what they should be.

    Attributes:
        mse: mean squared error.
        rmse: root of it, in the unit of the numbers.
        mae: mean absolute error.
        largest_error: largest absolute error.
        r2: coefficient of determination; None of fewer than two rows, and of rows that should all
            be the same.
    """

    mse: float
    rmse: float
    mae: float
    largest_error: float
    r2: float | None


def measure_regression(
    targets: RegressionValues, predictions: RegressionValues
) -> RegressionMetrics:
    """Measure predictions, [n, outputs], in double precision; every output counts the same."""
    true, given = targets.astype(np.float64), predictions.astype(np.float64)
    mse = float(sklearn.metrics.mean_squared_error(true, given))
    return RegressionMetrics(
        mse=mse,
        rmse=mse**0.5,
        mae=float(sklearn.metrics.mean_absolute_error(true, given)),
        largest_error=float(np.abs(true - given).max()),
        r2=float(sklearn.metrics.r2_score(true, given))
        if (np.ptp(true, axis=0) > 0).all()
        else None,
    )
