"""The smallest difference that so many seeds can show, and corrections for many comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from runner.base.lazy import scipy

LEVEL, POWER = 0.05, 0.8


def smallest_difference(a: Mapping[int, float], b: Mapping[int, float]) -> float:
    """Return the difference that a t-test of the errors of A and B finds 8 times of 10.

    Two-sided, at a level of 5 %; paired where both have the same seeds.

    Args:
        a: error of each seed of A; two or more seeds.
        b: the same of B.

    Returns:
        the difference, in the unit of the errors.
    """
    if set(a) == set(b):
        gaps = [b[seed] - a[seed] for seed in a]
        error, freedom = float(np.std(gaps, ddof=1)) / len(gaps) ** 0.5, len(gaps) - 1
    else:
        parts = [float(np.var(list(of.values()), ddof=1)) / len(of) for of in (a, b)]
        error, freedom = sum(parts) ** 0.5, len(a) + len(b) - 2
    return float(error * detectable(freedom))


def detectable(freedom: int, level: float = LEVEL, power: float = POWER) -> float:
    """Return the difference that is found so often, in standard errors of the difference.

    Args:
        freedom: degrees of freedom of the t-test.
        level: of the two-sided test.
        power: probability that the difference is found.
    """
    limit = float(scipy.special.stdtrit(freedom, 1 - level / 2))

    def lacks(shift: float) -> float:
        return power - float(scipy.stats.nct.sf(limit, freedom, shift))

    return float(scipy.optimize.brentq(lacks, 0, 3 * limit + 3))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm, Scandinavian Journal of Statistics 1979).

    The smallest of n is multiplied by n, the next by n - 1, and so on; none becomes smaller than
    one before it, or larger than 1.
    """
    corrected, before = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable")):
        before = max(before, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = before
    return corrected
