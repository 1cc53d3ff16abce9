"""Random numbers of augmentations: those of each seed that is trained are drawn from its own.

Where several seeds are trained at once, a batch holds the images of one after those of another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from runner.base.lazy import tf


def uniform(seed: Any, shape: Sequence[int], axis: int, low: float = 0.0, high: float = 1.0) -> Any:
    """Draw float32 numbers between two.

    Args:
        seed: int32 [seeds, 2].
        shape: of the result.
        axis: of the images of the batch in it.
        low: smallest number.
        high: above the largest.
    """
    return _draw(partial(tf.random.stateless_uniform, minval=low, maxval=high), seed, shape, axis)


def integers(seed: Any, shape: Sequence[int], axis: int, high: int) -> Any:
    """Draw int32 numbers from 0 to below `high`; for the others see `uniform`."""
    draw = partial(tf.random.stateless_uniform, minval=0, maxval=high, dtype=tf.int32)
    return _draw(draw, seed, shape, axis)


def normal(seed: Any, shape: Sequence[int], axis: int) -> Any:
    """Draw float32 numbers of mean 0 and variance 1; for the arguments see `uniform`."""
    return _draw(tf.random.stateless_normal, seed, shape, axis)


def _draw(draw: Callable[..., Any], seed: Any, shape: Sequence[int], axis: int) -> Any:
    seeds = tf.unstack(tf.convert_to_tensor(seed))
    own = [*shape]
    own[axis] //= len(seeds)
    return tf.concat([draw(own, seed=one) for one in seeds], axis)
