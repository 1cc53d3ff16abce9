"""What chance alone does to a count of wrong images."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054
"""Of the standard normal distribution, 2.5 % lie beyond it at each end."""


def wilson_interval(wrong: int, images: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of an error rate, as fractions (Wilson, JASA 1927).

    It holds for a single network: between which rates it may lie on other images of the kind.
    Unlike mean ± 2 sd it stays between 0 and 1, and has a width where nothing is wrong.

    Args:
        wrong: images that were wrong.
        images: all of them, 1 or more.
    """
    rate, z2 = wrong / images, _Z**2
    center = (rate + z2 / (2 * images)) / (1 + z2 / images)
    half = _Z / (1 + z2 / images) * sqrt(rate * (1 - rate) / images + z2 / (4 * images**2))
    low = 0.0 if wrong == 0 else center - half
    high = 1.0 if wrong == images else center + half
    return low, high


def binomial_sd(rate: float, images: int) -> float:
    """Return the standard deviation of an error rate that the choice of images alone would give.

    Of trainings on the same test images a larger one means that training itself is unstable.

    Args:
        rate: mean error, as a fraction.
        images: on which it was measured, 1 or more.
    """
    return sqrt(rate * (1 - rate) / images)
