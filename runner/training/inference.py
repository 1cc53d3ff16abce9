"""Inference: the outputs of a network for images, batch by batch, in stored order."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.compat import logits_of
from runner.base.lazy import keras, tf
from runner.training import conv_pool_fusion

BATCH = 1_000
BATCH_VALUES = 4_000_000
"""Pixel values in a batch at most, since a network needs a multiple of their memory."""


def outputs(model: keras.Model, images: Images, xla: bool) -> NDArray[np.float32]:
    """Return what a network gives for each image, float32 [n, ...]."""
    return outputs_and_logits(model, images, xla)[0]


def outputs_and_logits(
    model: keras.Model, images: Images, xla: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Return outputs, and what a last softmax or sigmoid made them of; None where neither is last.

    From these losses are computed: a probability near 0 or 1 has lost what they still tell.
    """
    with fusing(model, xla):
        forward = _compiled(model, xla)
        parts = zip(*(forward(batch) for batch in batches(images)), strict=True)
        given, *logits = (np.concatenate(part)[: len(images)] for part in parts)
    return given, logits[0] if logits else None


def fusing(model: keras.Model, xla: bool) -> AbstractContextManager[None]:
    """Return the context in which a network is traced: with faster forms of layers for XLA."""
    return conv_pool_fusion.fused(model) if xla else nullcontext()


def batch_size(images: Images) -> int:
    """Return how many images a batch has."""
    return max(1, min(BATCH, BATCH_VALUES // math.prod(images.shape[1:])))


def batches(images: NDArray[Any], size: int | None = None) -> Iterator[NDArray[Any]]:
    """Cut images into batches of one size; the last is filled up with blank ones.

    Args:
        images: or what else there is one of for each of them, with their batch size.
        size: of a batch; None is `batch_size`.
    """
    size = size or batch_size(images)
    for start in range(0, len(images), size):
        yield _padded(images[start : start + size], size)


def _compiled(model: keras.Model, xla: bool) -> Any:
    """Return the forward pass, compiled once for each network."""
    if not hasattr(model, "_runner_predict"):

        def forward(images: Any) -> Any:
            given = model(tf.cast(images, tf.float32), training=False)
            logits = logits_of(given)
            returned = [given] if logits is None else [given, logits]
            return [tf.cast(each, tf.float32) for each in returned]

        model._runner_predict = tf.function(forward, autograph=False, jit_compile=xla)
    return model._runner_predict


def _padded(batch: Images, size: int) -> Images:
    """Fill a batch up, since every other size would be compiled for itself."""
    missing = size - len(batch)
    return np.pad(batch, [(0, missing)] + [(0, 0)] * (batch.ndim - 1)) if missing else batch
