"""Layers that compute for several seeds at once, in place while a network is traced.

The images of all seeds stand one after another in a batch, [seeds * n, ...], so that layers without
weights need nothing. Dense layers and convolutions of small patches multiply the part of each seed
with its own weights, in one batched matrix product; other layers with weights compute for one seed
after another as the library does. Random numbers are drawn from the generator of each seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from runner.base.lazy import keras, tf
from runner.training.conv_pool_fusion import (
    Calls,
    Value,
    add,
    can_be_product,
    convolve_windows,
    fused_calls,
    multiply,
)

Assign = Callable[[Any, Any], None]
"""From a variable of a layer, and new values for each seed, to its update."""
LARGEST_PATCH = 128
"""Values in a patch up to which a convolution becomes a matrix product, unless a pooling follows.

Patches are that many times the images; from there on the library's convolution reads less.
"""


def unsupported(network: keras.Model) -> str:
    """Name the first layer that cannot compute for several seeds at once; nothing if all can."""
    if any(not isinstance(layer, keras.Layer) for layer in network.operations):
        return "an operation without a layer"
    for layer in network.layers:
        if not _is_supported(layer):
            return f"{layer.name} ({type(layer).__name__})"
    return ""


def seed_calls(network: keras.Model, value: Value, assign: Assign) -> Calls:
    """Return what the layers compute with, so that they compute for several seeds at once.

    Args:
        network: whose layers are supported.
        value: gives the values of a variable for each seed, [seeds, ...].
        assign: updates them.
    """
    calls = fused_calls(network, value)
    fused = {layer for layer, _ in calls}
    for layer in network.layers:
        if layer in fused:
            continue
        if isinstance(layer, keras.layers.Dense):
            calls.append((layer, _dense(layer, value)))
        elif can_be_product(layer) and math.prod(layer.kernel.shape[:3]) <= LARGEST_PATCH:
            calls.append((layer, _convolution(layer, value)))
        elif isinstance(layer, keras.layers.BatchNormalization):
            calls.append((layer, _batch_normalization(layer, value, assign)))
        elif _generator(layer) is not None:
            calls.append((layer, _random(layer, value, assign)))
        elif layer.trainable_variables:
            calls.append((layer, _one_by_one(layer, value)))
    return calls


def penalties(network: keras.Model, value: Value) -> Any:
    """Return what the regularizers of the weights add to the loss of each seed, [seeds] or 0."""
    total: Any = 0.0
    for variable in network.trainable_variables:
        if variable.regularizer is not None:
            total += tf.stack([variable.regularizer(one) for one in tf.unstack(value(variable))])
    return total


def _is_supported(layer: keras.Layer) -> bool:
    if not type(layer).__module__.startswith("keras.") or layer.activity_regularizer is not None:
        return False
    if any(variable.constraint is not None for variable in layer.trainable_variables):
        return False
    if isinstance(layer, keras.layers.BatchNormalization):
        return layer.trainable and layer.axis in (-1, 3) and not layer.renorm
    if isinstance(layer, keras.Model):
        return False
    if type(layer) in (keras.layers.Dense, keras.layers.Normalization):
        return True
    # what a layer with weights changes while it computes, no seed would have for itself
    return not layer.weights or not layer.non_trainable_variables


def _dense(layer: keras.Layer, value: Value) -> Callable[..., Any]:
    def call(inputs: Any, **_: Any) -> Any:
        kernels = tf.cast(value(layer.kernel), inputs.dtype)
        outputs = multiply(tf.reshape(inputs, [-1, kernels.shape[1]]), kernels)
        outputs = tf.reshape(outputs, [-1, *inputs.shape[1:-1], layer.units])
        return layer.activation(add(outputs, value(layer.bias)) if layer.use_bias else outputs)

    return call


def _convolution(layer: keras.Layer, value: Value) -> Callable[[Any], Any]:
    convolve = convolve_windows(layer, 1, value)

    def call(images: Any) -> Any:
        outputs = convolve(images)
        return layer.activation(add(outputs, value(layer.bias)) if layer.use_bias else outputs)

    return call


def _one_by_one(layer: keras.Layer, value: Value) -> Callable[..., Any]:
    """Let a layer compute for one seed after another what it would alone."""
    original = layer.call

    def call(*inputs: Any, **options: Any) -> Any:
        values = [value(variable) for variable in layer.variables]
        seeds, results = values[0].shape[0], []
        for seed in range(seeds):
            own = [(one, of[seed]) for one, of in zip(layer.variables, values, strict=True)]
            part = partial(_part, seed=seed, seeds=seeds)
            with keras.StatelessScope(own):
                given = keras.tree.map_structure(part, (inputs, options))
                results.append(original(*given[0], **given[1]))
        return keras.tree.map_structure(lambda *parts: tf.concat(parts, axis=0), *results)

    return call


def _part(values: Any, seed: int, seeds: int) -> Any:
    return tf.split(values, seeds)[seed] if tf.is_tensor(values) else values


def _batch_normalization(layer: keras.Layer, value: Value, assign: Assign) -> Callable[..., Any]:
    def call(inputs: Any, training: bool | None = None, **_: Any) -> Any:
        moving = value(layer.moving_mean), value(layer.moving_variance)
        seeds, channels = moving[0].shape
        x = tf.reshape(tf.cast(inputs, tf.float32), [seeds, -1, channels])
        moments = moving
        if training:
            moments = tf.nn.moments(x, axes=[1])
            for variable, old, new in zip(
                (layer.moving_mean, layer.moving_variance), moving, moments, strict=True
            ):
                assign(variable, old * layer.momentum + new * (1.0 - layer.momentum))
        mean, variance = (moment[:, None] for moment in moments)
        outputs = tf.nn.batch_normalization(
            x,
            mean,
            variance,
            value(layer.beta)[:, None] if layer.center else None,
            value(layer.gamma)[:, None] if layer.scale else None,
            layer.epsilon,
        )
        return tf.cast(tf.reshape(outputs, [-1, *inputs.shape[1:]]), layer.compute_dtype)

    return call


def _random(layer: keras.Layer, value: Value, assign: Assign) -> Callable[..., Any]:
    """Let a layer draw for each seed what it would draw if that were trained alone."""
    original, generator = layer.call, _generator(layer)

    def call(inputs: Any, training: bool | None = None) -> Any:
        if not training:
            return original(inputs, training=training)
        states = value(generator.state)
        parts = tf.split(inputs, states.shape[0])
        outputs = []
        for part, state in zip(parts, tf.unstack(states), strict=True):
            generator.next = lambda ordered=True, state=state: state  # noqa: ARG005
            outputs.append(original(part, training=training))
        del generator.next
        assign(generator.state, states + tf.constant([0, 1], states.dtype))
        return tf.concat(outputs, axis=0)

    return call


def _generator(layer: keras.Layer) -> Any:
    return getattr(layer, "seed_generator", None)
