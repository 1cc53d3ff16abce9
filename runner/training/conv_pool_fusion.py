"""Faster forms of convolution and pooling for XLA on a GPU, in place while a network is traced.

For networks this small a step is bound by the number of kernels and the memory they touch, not by
arithmetic. A convolution followed by p x p max pooling becomes one matrix product: the p*p outputs
that fall into a pooling window are computed side by side as channels, from patches that are p
pixels apart, and the maximum is taken before bias and activation, which is the same for every
activation that never falls. Every patch is read once instead of p*p times, and bias and activation
see only what the pooling keeps. A pooling with no such convolution becomes a reshape and a maximum,
whose gradient is deterministic on a GPU. The layers, their weights and what is saved of them stay
Keras' own. benchmarks/README.md has what it gains.

The images of several seeds may stand one after another in a batch; each part meets the weights of
its own seed, in one batched product. See `runner.training.seed_layers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any

from runner.base.compat import inputs_of, operation_of
from runner.base.lazy import keras, tf
from runner.models.graph import values

MONOTONE = ("relu", "leaky_relu", "elu", "selu", "softplus", "sigmoid", "tanh", "linear")

Calls = list[tuple[Any, Callable[..., Any]]]
Value = Callable[[Any], Any]
"""From a variable of a layer to its values, [seeds, ...]."""


@contextmanager
def fused(model: keras.Model) -> Iterator[None]:
    """Replace what a model's convolutions and poolings compute with, until the block ends."""
    with replaced(fused_calls(model, _own_value)):
        yield


@contextmanager
def replaced(calls: Calls) -> Iterator[None]:
    """Let layers compute with other functions, until the block ends."""
    for layer, call in calls:
        layer.call = call
    try:
        yield
    finally:
        for layer, _ in calls:
            del layer.call


def fused_calls(model: keras.Model, value: Value) -> Calls:
    """Return what a model's convolutions and poolings compute with.

    Args:
        model: that is traced.
        value: gives the weights of each seed.
    """
    calls: Calls = []
    for pooling in filter(_is_tiling, model.layers):
        convolution = producer(pooling, model)
        if convolution is not None and can_be_product(convolution):
            calls += [
                (convolution, convolve_windows(convolution, pooling.pool_size[0], value)),
                (pooling, _pool_windows(convolution, pooling.pool_size[0], value)),
            ]
        else:
            calls.append((pooling, _pool_by_reshape(pooling.pool_size[0])))
    return calls


def can_be_product(layer: keras.Layer) -> bool:
    """Whether a layer is a convolution that patches times a matrix can stand for."""
    return (
        type(layer) is keras.layers.Conv2D  # none of its subclasses, which compute something else
        and set(layer.strides) == {1} == set(layer.dilation_rate)
        and layer.groups == 1
        and layer.data_format == "channels_last"
        and layer.padding in ("valid", "same")
        and layer.activity_regularizer is None
        and never_falls(layer.activation)
    )


def convolve_windows(convolution: keras.Layer, pool: int, value: Value) -> Callable[[Any], Any]:
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
        kernel = _window_kernel(tf.cast(value(convolution.kernel), images.dtype), blocks, pool)
        flat = multiply(tf.reshape(patches, [-1, kernel.shape[1]]), kernel)
        return tf.reshape(flat, [-1, rows, columns, kernel.shape[2]])

    return call


def multiply(rows: Any, matrices: Any) -> Any:
    """Multiply the rows of each seed, one seed's after another's, with its matrix.

    Args:
        rows: [seeds * n, inputs].
        matrices: [seeds, inputs, outputs].

    Returns:
        [seeds * n, outputs].
    """
    seeds, inputs, outputs = matrices.shape
    if seeds == 1:
        return tf.matmul(rows, matrices[0])
    product = tf.matmul(tf.reshape(rows, [seeds, -1, inputs]), matrices)
    return tf.reshape(product, [-1, outputs])


def add(values: Any, terms: Any) -> Any:
    """Add to the values of each seed, [seeds * n, ..., channels], its terms, [seeds, channels]."""
    terms = tf.cast(terms, values.dtype)
    seeds, channels = terms.shape
    if seeds == 1:
        return values + terms[0]
    total = tf.reshape(values, [seeds, -1, channels]) + terms[:, None]
    return tf.reshape(total, [-1, *values.shape[1:]])


def producer(layer: keras.Layer, model: keras.Model) -> keras.Layer | None:
    """Return the layer whose output only this one reads, if both are called once."""
    known = values(model)
    own = [value for value in known if operation_of(value) is layer]
    if len(own) != 1:
        return None
    (source,) = inputs_of(own[0])
    made = [value for value in known if operation_of(value) is operation_of(source)]
    reading = [value for value in known if any(x is source for x in inputs_of(value))]
    if len(made) != 1 or len(reading) != 1 or any(x is source for x in model.outputs):
        return None
    return operation_of(source)


def never_falls(activation: Any) -> bool:
    """Whether an activation is one of Keras' that never fall; another may have the same name."""
    return any(activation is getattr(keras.activations, name) for name in MONOTONE)


def _own_value(variable: Any) -> Any:
    return tf.convert_to_tensor(variable)[None]


def _is_tiling(layer: keras.Layer) -> bool:
    """Whether a layer takes the maximum of square windows that lie side by side."""
    return (
        isinstance(layer, keras.layers.MaxPooling2D)
        and len({*layer.pool_size, *layer.strides}) == 1
        and layer.padding == "valid"
        and layer.data_format == "channels_last"
    )


def _pad_same(images: Any, height: int, width: int) -> Any:
    padding = [((size - 1) // 2, size // 2) for size in (height, width)]
    return tf.pad(images, [(0, 0), *padding, (0, 0)])


def _blocks(images: Any, windows: Sequence[int], blocks: Sequence[int], pool: int) -> Any:
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


def _window_kernel(kernel: Any, blocks: Sequence[int], pool: int) -> Any:
    """Return the kernels at every offset of a window: [seeds, patch values, offsets*filters]."""
    seeds, height, width, channels, filters = kernel.shape
    rows, columns = (number * pool for number in blocks)
    shifted = [
        tf.pad(kernel, [(0, 0), (i, rows - height - i), (j, columns - width - j), (0, 0), (0, 0)])
        for i in range(pool)
        for j in range(pool)
    ]
    shape = [seeds, blocks[0], pool, blocks[1], pool, channels, pool**2 * filters]
    stacked = tf.reshape(tf.stack(shifted, axis=4), shape)
    ordered = tf.transpose(stacked, [0, 1, 3, 2, 4, 5, 6])
    return tf.reshape(ordered, [seeds, -1, pool**2 * filters])


def _pool_windows(convolution: keras.Layer, pool: int, value: Value) -> Callable[[Any], Any]:
    def call(outputs: Any) -> Any:
        rows, columns = outputs.shape[1:3]
        each = tf.reshape(outputs, [-1, rows, columns, pool**2, convolution.filters])
        # one seed: fewer kernels, 0.080 s an epoch of cnn1 for 0.087; ten: 0.297 s for 0.288
        alone = value(convolution.kernel).shape[0] == 1
        kept = reduce(tf.maximum, tf.unstack(each, axis=3)) if alone else tf.reduce_max(each, 3)
        if convolution.use_bias:
            kept = add(kept, value(convolution.bias))
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
