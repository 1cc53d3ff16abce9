"""Statistics over the seeds of one configuration."""

from __future__ import annotations

import math
import statistics

from runner.base.lazy import scipy

_FEWEST = 3
"""Seeds that an interval needs: of two it would be twelve standard errors wide."""


def describe_seeds(values: list[float], upper: float = math.inf) -> dict[str, float]:
    """Return n, mean, min and max; of two or more values sd; of three or more the 95 % interval.

    Args:
        values: of the seeds, none below 0.
        upper: largest possible value, such as 1 for a fraction.
    """
    mean, n = statistics.fmean(values), len(values)
    described = {"n": n, "mean": mean, "min": min(values), "max": max(values)}
    if n == 1:
        return described

    sd = statistics.stdev(values)
    if n < _FEWEST:
        return described | {"sd": sd}
    low, high = _interval(mean, sd / n**0.5, n, upper)
    return described | {"sd": sd, "ci95_low": low, "ci95_high": high}


def _interval(mean: float, error: float, n: int, upper: float) -> tuple[float, float]:
    """Return the 95 % interval of a mean, between 0 and the largest possible value.

    It is Student's interval of the logit of the mean, or of its logarithm where nothing is the
    largest; the standard error goes over by the delta method.
    """
    left = 1 - mean / upper  # of what is possible; 1 where nothing is the largest
    if not error or mean <= 0 or left <= 0:
        return mean, mean
    half = float(scipy.special.stdtrit(n - 1, 0.975)) * error / (mean * left)
    low, high = (_shifted(mean / left, sign * half, upper) for sign in (-1, 1))
    return low, high


def _shifted(odds: float, by: float, upper: float) -> float:
    """Return the value whose odds are others times e to the power of a number."""
    shifted = odds * math.exp(min(by, 700))  # e^710 is too large for a float
    return shifted / (1 + shifted / upper)
