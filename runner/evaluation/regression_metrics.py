"""Metrics of a regression: MSE, RMSE, MAE, largest error, R2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runner.base.array_types import RegressionValues
from runner.base.lazy import sklearn


@dataclass(frozen=True)
class RegressionMetrics:
    """Errors of predicted values.

    Attributes:
        mse: mean squared error.
        rmse: root of the mean squared error, in the unit of the targets.
        mae: mean absolute error.
        largest_error: largest absolute error.
        r2: coefficient of determination; None where all targets of an output are equal.
    """

    mse: float
    rmse: float
    mae: float
    largest_error: float
    r2: float | None


def measure_regression(
    targets: RegressionValues, predictions: RegressionValues
) -> RegressionMetrics:
    """Compute the metrics in double precision, with equal weights of the outputs.

    Args:
        targets: true values, float32 [n, outputs].
        predictions: float32 [n, outputs].
    """
    true, predicted = targets.astype(np.float64), predictions.astype(np.float64)
    mse = float(sklearn.metrics.mean_squared_error(true, predicted))
    return RegressionMetrics(
        mse=mse,
        rmse=mse**0.5,
        mae=float(sklearn.metrics.mean_absolute_error(true, predicted)),
        largest_error=float(np.abs(true - predicted).max()),
        r2=float(sklearn.metrics.r2_score(true, predicted))
        if (np.ptp(true, axis=0) > 0).all()
        else None,
    )
