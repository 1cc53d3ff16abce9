"""The part of a network that training leaves as it is, and the head that is trained on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.models.graph import sources, tensors

FEATURES = "features"


@dataclass(frozen=True)
class Parts:
    """A network in two, which share its layers.

    Attributes:
        frozen: from images to features, always the same for the same image.
        head: from features to what the whole network gives.
    """

    frozen: keras.Model
    head: keras.Model


def split_frozen(model: keras.Model) -> Parts | None:
    """Split a network behind its layer `features`.

    Returns:
        None where there is no such layer, where it does not separate the images from the output,
        or where what leads to it has no weights, weights that are trained, or anything random.
    """

    values = tensors(model)
    if FEATURES not in values:
        return None
    features = values[FEATURES]
    if any(value is model.inputs[0] for value in _before(model.outputs, features)):
        return None
    leading = [layer for value in _before([features]) for layer in _layers(value)]
    if not all(map(_is_fixed, leading)) or not any(layer.variables for layer in leading):
        return None
    return Parts(
        keras.Model(model.inputs[0], features, name="frozen"),
        keras.Model(features, model.outputs[0], name="head"),
    )


def backbone(model: keras.Model) -> keras.Model:
    """Return the frozen network that is a layer of a network.

    Raises:
        ConfigurationError: there is none.
    """

    for layer in model.layers:
        if isinstance(layer, keras.Model) and not layer.trainable:
            return layer
    raise ConfigurationError(
        f"training.fine_tuning: {model.name} has no frozen backbone; choose null"
    )


def thaw(network: keras.Model, layers: int) -> None:
    """Let the last layers of a backbone be trained, and no others; 0 freezes it as a whole.

    Batch normalization stays frozen: it goes on with the means and variances it has.

    Raises:
        ConfigurationError: it has fewer layers, or the last ones have nothing to train.
    """

    if layers > len(network.layers):
        raise ConfigurationError(
            f"training.fine_tuning.layers={layers}: {network.name} has {len(network.layers)} "
            "layers; choose fewer"
        )
    network.trainable = layers > 0
    for number, layer in enumerate(reversed(network.layers)):
        normalizes = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = number < layers and not normalizes
    if layers and not network.trainable_variables:
        raise ConfigurationError(
            f"training.fine_tuning.layers={layers}: the last {layers} layers of {network.name} "
            "have no weights that can be trained; choose more"
        )


def _before(values: list[Any], stop: Any = None) -> Iterator[Any]:
    """Yield values and what they are computed from, but not what `stop` is computed from."""
    waiting, seen = list(values), set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or value is stop:
            continue
        seen.add(id(value))
        yield value
        waiting += sources(value)


def _is_fixed(layer: keras.Layer) -> bool:
    """Whether a layer gives the same value for the same input, in training too.

    That a network inside another was called with `training=False` does not count: Keras hands it
    what the outer one is called with.
    """

    moving = isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    draws = hasattr(layer, "seed_generator") and getattr(layer, "rate", 1) > 0
    return not (moving or draws or layer.trainable_variables)


def _layers(value: Any) -> Iterator[keras.Layer]:
    """Yield the layer that gives a value and those inside it; none where it is an operation."""

    operation = value._keras_history.operation
    if isinstance(operation, keras.Layer):
        yield from operation._flatten_layers()
