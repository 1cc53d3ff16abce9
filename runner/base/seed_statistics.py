"""Statistics over the seeds of one configuration."""

from __future__ import annotations

import statistics

from runner.base.lazy import scipy


def describe_seeds(values: list[float]) -> dict[str, float]:
    """Return n, mean, min, max and, of two or more values, sd and the 95 % interval of the mean."""
    mean, n = statistics.fmean(values), len(values)
    described = {"n": n, "mean": mean, "min": min(values), "max": max(values)}
    if n == 1:
        return described

    sd = statistics.stdev(values)
    half = float(scipy.special.stdtrit(n - 1, 0.975)) * sd / n**0.5
    return described | {"sd": sd, "ci95_low": mean - half, "ci95_high": mean + half}
