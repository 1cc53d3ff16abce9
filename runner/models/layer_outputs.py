"""Layers of a network that figures are drawn of, and their outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.compat import inputs_of, operation_of
from runner.base.lazy import keras
from runner.models.graph import tensors

_MAPS = 4


def convolutions(model: keras.Model) -> list[keras.layers.Conv2D]:
    """Return the two-dimensional convolutions of a network, and of those nested in it, in order."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += convolutions(layer)
        elif isinstance(layer, keras.layers.Conv2D):
            found.append(layer)
    return found


def map_layers(model: keras.Model) -> list[keras.Layer]:
    """Return the layers that give feature maps, from the first convolution on."""
    kinds = (keras.layers.Conv2D, keras.Model)
    first = next((n for n, layer in enumerate(model.layers) if isinstance(layer, kinds)), None)
    if first is None:
        return []
    values = tensors(model)
    return [layer for layer in model.layers[first:] if len(values[layer.name].shape) == _MAPS]


def activations(
    model: keras.Model, outputs: list[Any], images: NDArray[np.generic]
) -> list[NDArray[np.float32]]:
    """Return the values of symbolic outputs for images [n, height, width, channels], 0..255."""
    inner = keras.Model(model.inputs, outputs)
    values = inner.predict(images.astype(np.float32), batch_size=500, verbose=0)
    return [np.asarray(value, np.float32) for value in keras.tree.flatten(values)]


def scores(model: keras.Model) -> Any:
    """Return the symbolic class scores before softmax or sigmoid, [n, classes].

    Gradients vanish where a softmax is sure of itself; those of the scores do not. A single sigmoid
    unit, s, gives the scores -s/2 and s/2, whose softmax is the same.
    """
    last = operation_of(model.outputs[0])
    score = before_activation(model, last)
    if score.shape[-1] == 1:
        return keras.layers.Concatenate()([-score / 2, score / 2])
    return score


def before_activation(model: keras.Model, layer: keras.Layer) -> Any:
    """Return the symbolic output of a layer before its activation function, where it has one."""
    value = tensors(model)[layer.name]
    (features, *_) = inputs_of(value) or [value]
    if isinstance(layer, keras.layers.Softmax | keras.layers.Activation | keras.layers.ReLU):
        return features
    if not isinstance(layer, keras.layers.Dense | keras.layers.Conv2D):
        return value
    linear = {"activation": "linear", "name": f"{layer.name}_before_activation"}
    twin = type(layer).from_config(layer.get_config() | linear)
    result = twin(features)
    twin.set_weights(layer.get_weights())
    return result
