"""A faster order of convolution, activation and pooling for TensorFlow on a CPU.

A maximum commutes with a bias and with an activation that never falls. Taken first, it leaves a
quarter of the values to both, and to their gradients. The layers, their weights and what is saved
of them stay Keras' own; a network computes the same bits in float32. benchmarks/README.md has what
it gains. XLA has a form of its own, `runner.training.conv_pool_fusion`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runner.base.lazy import keras, tf
from runner.training.conv_pool_fusion import Calls, never_falls, producer, replaced


@contextmanager
def pooling_early(model: keras.Model) -> Iterator[None]:
    """Let poolings come before bias and activation of their convolutions, until the block ends."""
    calls: Calls = []
    for pooling in model.layers:
        if type(pooling) is keras.layers.MaxPooling2D:
            convolution = producer(pooling, model)
            if convolution is not None and _can_wait(convolution):
                calls += [
                    (convolution, _products(convolution)),
                    (pooling, _rest(convolution, pooling)),
                ]
    with replaced(calls):
        yield


def _can_wait(layer: keras.Layer) -> bool:
    return (
        type(layer) is keras.layers.Conv2D  # none of its subclasses, which compute something else
        and layer.data_format == "channels_last"
        and layer.activity_regularizer is None
        and never_falls(layer.activation)
    )


def _products(convolution: keras.Layer) -> Callable[[Any], Any]:
    return lambda images: convolution.convolution_op(images, convolution.kernel)


def _rest(convolution: keras.Layer, pooling: keras.Layer) -> Callable[[Any], Any]:
    pool = pooling.call

    def call(outputs: Any) -> Any:
        kept = pool(outputs)
        if convolution.use_bias:
            kept = tf.nn.bias_add(kept, tf.cast(convolution.bias, kept.dtype))
        return convolution.activation(kept)

    return call
