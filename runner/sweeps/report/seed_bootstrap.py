"""The bootstrap over seeds and images: how far a difference may be due to the choice of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Wrong = NDArray[np.float64]
"""Share of wrong answers of each network to each image, 0 or 1 unless it has several labels,
[networks, images]."""

REPLICATES = 5_000
CRITERION = 0.75
"""Probability from which on one way of training counts as better than another (Bouthillier et al.,
"Accounting for Variance in Machine Learning Benchmarks", MLSys 2021)."""
_ENDS = (0.025, 0.975)


@dataclass(frozen=True)
class Bootstrap:
    """The difference of two ways of training, and the probability that the second is better.

    Attributes:
        difference: mean error of B minus that of A, a fraction.
        low: lower end of its 95 % interval over other seeds and images.
        high: upper end.
        better: probability that a network of B has fewer errors than one of A; equal ones count
            half.
        better_low: lower end of its 95 % interval.
        better_high: upper end.
    """

    difference: float
    low: float
    high: float
    better: float
    better_low: float
    better_high: float

    @property
    def meets_criterion(self) -> bool:
        """Whether B is better as often as is asked for, and more often than not beyond chance."""
        return self.better > CRITERION and self.better_low > 0.5  # noqa: PLR2004


def bootstrap(
    a: Wrong, b: Wrong, *, paired: bool = False, seed: int = 0, replicates: int = REPLICATES
) -> Bootstrap:
    """Draw images, the same for all networks, and networks of A and of B, with replacement.

    Deviations of drawn networks are enlarged by sqrt(n / (n - 1)), without which n of them would
    vary too little. A single network stays as it is: the interval is then over images alone.

    Args:
        a: what the networks of A get wrong, [networks, images].
        b: the same of B, of the same images.
        paired: whether networks of the same row have the same seed, and are drawn together.
        seed: of the draws.
        replicates: number of draws.
    """
    random = np.random.default_rng(seed)
    errors = _draw_images(np.concatenate([a, b]), random, replicates)
    errors_a, errors_b = errors[:, : len(a)], errors[:, len(a) :]
    chosen_a = random.integers(len(a), size=errors_a.shape)
    chosen_b = chosen_a if paired else random.integers(len(b), size=errors_b.shape)
    drawn_a = np.take_along_axis(errors_a, chosen_a, axis=1)
    drawn_b = np.take_along_axis(errors_b, chosen_b, axis=1)
    differences = _mean(errors_b, drawn_b) - _mean(errors_a, drawn_a)
    low, high = np.quantile(differences, _ENDS)
    better_low, better_high = np.quantile(_share_better(drawn_a, drawn_b), _ENDS)
    rates_a, rates_b = a.mean(axis=1), b.mean(axis=1)
    return Bootstrap(
        difference=float(rates_b.mean() - rates_a.mean()),
        low=float(low),
        high=float(high),
        better=float(_share_better(rates_a[None], rates_b[None])[0]),
        better_low=float(better_low),
        better_high=float(better_high),
    )


def _draw_images(wrong: Wrong, random: np.random.Generator, replicates: int) -> NDArray[np.float64]:
    """Return the error of each network on drawn images, [replicates, networks].

    Images that the same networks get wrong are drawn as one, and most of them are wrong in none.
    """
    kinds, counts = np.unique(wrong, axis=1, return_counts=True)
    images = wrong.shape[1]
    drawn = random.multinomial(images, counts / images, size=replicates)
    return np.asarray(drawn @ kinds.T.astype(np.float64) / images)


def _mean(errors: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of drawn networks, its deviation enlarged; see `bootstrap`."""
    networks, center = errors.shape[1], errors.mean(axis=1)
    enlarged = (networks / max(networks - 1, 1)) ** 0.5
    return np.asarray(center + enlarged * (drawn.mean(axis=1) - center))


def _share_better(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many pairs have the smaller error in B, equal ones half, [replicates]."""
    gaps = a[:, :, None] - b[:, None, :]
    return np.asarray(((gaps > 0) + 0.5 * (gaps == 0)).mean(axis=(1, 2)))
