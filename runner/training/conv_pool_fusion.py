"""Faster forms of convolution and pooling for XLA on a GPU, in place while a network is traced.

For networks this small a step is bound by the number of kernels and the memory they touch, not by
arithmetic. A convolution followed by p x p max pooling becomes one matrix product: the p*p outputs
that fall into a pooling window are computed side by side as channels, from patches that are p
pixels apart, and the maximum is taken before bias and activation, which is the same for every
activation that never falls. Every patch is read once instead of p*p times, and bias and activation
see only what the pooling keeps. A pooling with no such convolution becomes a reshape and a maximum,
whose gradient is deterministic on a GPU. The layers, their weights and what is saved of them stay
Keras' own. benchmarks/README.md has what it gains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from runner.base.lazy import keras, tf

MONOTONE = ("relu", "leaky_relu", "elu", "selu", "softplus", "sigmoid", "tanh", "linear")


@contextmanager
def fused(model: keras.Model) -> Iterator[None]:
    """Replace what a model's convolutions and poolings compute with, until the block ends."""
    calls: list[tuple[keras.Layer, Callable[..., Any]]] = []
    for pooling in filter(_is_tiling, model.layers):
        convolution = _producer(pooling, model)
        if convolution is not None and _can_be_fused(convolution):
            calls += [
                (convolution, _convolve_windows(convolution, pooling.pool_size[0])),
                (pooling, _pool_windows(convolution, pooling.pool_size[0])),
            ]
        else:
            calls.append((pooling, _pool_by_reshape(pooling.pool_size[0])))
    for layer, call in calls:
        layer.call = call
    try:
        yield
    finally:
        for layer, _ in calls:
            del layer.call


def _is_tiling(layer: keras.Layer) -> bool:
    """Whether a layer takes the maximum of square windows that lie side by side."""
    return (
        isinstance(layer, keras.layers.MaxPooling2D)
        and len({*layer.pool_size, *layer.strides}) == 1
        and layer.padding == "valid"
        and layer.data_format == "channels_last"
    )


def _producer(layer: keras.Layer, model: keras.Model) -> keras.Layer | None:
    """Return the layer whose output only this one reads, if there is one."""
    source = layer.input
    readers = [one for one in model.layers if any(x is source for x in _inputs(one))]
    if len(readers) != 1 or any(x is source for x in model.outputs):
        return None
    return next((one for one in model.layers if one.output is source), None)


def _inputs(layer: keras.Layer) -> list[Any]:
    return list(keras.tree.flatten(layer.input))


def _can_be_fused(layer: keras.Layer) -> bool:
    return (
        type(layer) is keras.layers.Conv2D  # none of its subclasses, which compute something else
        and set(layer.strides) == {1} == set(layer.dilation_rate)
        and layer.groups == 1
        and layer.data_format == "channels_last"
        and layer.padding in ("valid", "same")
        and layer.activity_regularizer is None
        and layer.activation.__name__ in MONOTONE
    )


def _convolve_windows(convolution: keras.Layer, pool: int) -> Callable[[Any], Any]:
    """Return a call giving, for each pooling window, its pool*pool outputs before the bias.

    The result is [batch, windows down, windows across, pool*pool*filters].
    """
    height, width = convolution.kernel_size
    blocks = [-(-(size + pool - 1) // pool) for size in (height, width)]

    def call(images: Any) -> Any:
        if convolution.padding == "same":
            images = _pad_same(images, height, width)
        windows = [
            (side - size + 1) // pool
            for side, size in zip(images.shape[1:3], (height, width), strict=True)
        ]
        cut = _blocks(images, windows, blocks, pool)
        rows, columns = windows
        patches = tf.concat(
            [
                cut[:, i : i + rows, j : j + columns]
                for i in range(blocks[0])
                for j in range(blocks[1])
            ],
            axis=-1,
        )
        kernel = _window_kernel(tf.cast(convolution.kernel, images.dtype), blocks, pool)
        flat = tf.matmul(tf.reshape(patches, [-1, kernel.shape[0]]), kernel)
        return tf.reshape(flat, [-1, rows, columns, kernel.shape[1]])

    return call


def _pad_same(images: Any, height: int, width: int) -> Any:
    padding = [((size - 1) // 2, size // 2) for size in (height, width)]
    return tf.pad(images, [(0, 0), *padding, (0, 0)])


def _blocks(images: Any, windows: list[int], blocks: list[int], pool: int) -> Any:
    """Move each pool x pool block of pixels into channels: [batch, rows, columns, pool*pool*c]."""
    rows, columns = (w - 1 + b for w, b in zip(windows, blocks, strict=True))
    height, width, channels = images.shape[1:]
    more_rows, more_columns = max(0, rows * pool - height), max(0, columns * pool - width)
    images = tf.pad(images, [(0, 0), (0, more_rows), (0, more_columns), (0, 0)])
    images = images[:, : rows * pool, : columns * pool]
    split = tf.reshape(images, [-1, rows, pool, columns, pool, channels])
    return tf.reshape(
        tf.transpose(split, [0, 1, 3, 2, 4, 5]), [-1, rows, columns, pool**2 * channels]
    )


def _window_kernel(kernel: Any, blocks: list[int], pool: int) -> Any:
    """Return the kernel at every offset of a window: [patch values, offsets*filters]."""
    height, width, channels, filters = kernel.shape
    rows, columns = (number * pool for number in blocks)
    shifted = [
        tf.pad(kernel, [(i, rows - height - i), (j, columns - width - j), (0, 0), (0, 0)])
        for i in range(pool)
        for j in range(pool)
    ]
    stacked = tf.reshape(
        tf.stack(shifted, axis=3), [blocks[0], pool, blocks[1], pool, channels, pool**2 * filters]
    )
    return tf.reshape(tf.transpose(stacked, [0, 2, 1, 3, 4, 5]), [-1, pool**2 * filters])


def _pool_windows(convolution: keras.Layer, pool: int) -> Callable[[Any], Any]:
    def call(outputs: Any) -> Any:
        rows, columns = outputs.shape[1:3]
        kept = tf.reduce_max(
            tf.reshape(outputs, [-1, rows, columns, pool**2, convolution.filters]), 3
        )
        if convolution.use_bias:
            kept += tf.cast(convolution.bias, kept.dtype)
        return convolution.activation(kept)

    return call


def _pool_by_reshape(pool: int) -> Callable[[Any], Any]:
    def call(images: Any) -> Any:
        height, width, channels = images.shape[1:]
        rows, columns = height // pool, width // pool
        tiled = tf.reshape(
            images[:, : rows * pool, : columns * pool], [-1, rows, pool, columns, pool, channels]
        )
        return tf.reduce_max(tiled, axis=(2, 4))

    return call
