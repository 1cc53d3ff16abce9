"""Frozen parts of networks: split off from the head that is trained, or thawed to be tuned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from runner.base.compat import all_layers, inputs_of, operation_of
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras

Build = TypeVar("Build", bound=Callable[..., Any])


@dataclass(frozen=True)
class Parts:
    """A network in two, which share its layers.

    Attributes:
        frozen: from images to features, always the same for the same image.
        head: from features to what the whole network gives.
    """

    frozen: keras.Model
    head: keras.Model


def with_backbone(build: Build) -> Build:
    """Declare that a function builds networks with a frozen backbone, which fine-tuning needs."""
    vars(build)["has_backbone"] = True
    return build


def split_frozen(model: keras.Model) -> Parts | None:
    """Split a network at the last value that is always the same for the same image.

    Returns:
        None where there is no single such value between the images and the output, or where no
        frozen layer with weights leads to it.
    """
    features = _last_fixed(model)
    leading = [layer for value in _before(features) for layer in _layers(value)]
    if len(features) != 1 or not any(map(_is_frozen, leading)):
        return None
    return Parts(
        keras.Model(model.inputs[0], features[0], name="frozen"),
        keras.Model(features[0], model.outputs[0], name="head"),
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


def _last_fixed(model: keras.Model) -> list[Any]:
    """Return the values that do not change in training, and that others which do are made from."""
    values, made_from_it = list(_before(model.outputs)), defaultdict(list)
    for value in values:
        for source in inputs_of(value):
            made_from_it[id(source)].append(value)
    waiting = [value for value in values if not all(map(_is_fixed, _layers(value)))]
    changing: dict[int, Any] = {}
    while waiting:
        value = waiting.pop()
        if id(value) not in changing:
            changing[id(value)] = value
            waiting += made_from_it[id(value)]
    read = {id(source): source for value in changing.values() for source in inputs_of(value)}
    return [source for key, source in read.items() if key not in changing]


def _before(values: list[Any]) -> Iterator[Any]:
    """Yield values and all that they are computed from."""
    waiting, seen = list(values), set()
    while waiting:
        value = waiting.pop()
        if id(value) not in seen:
            seen.add(id(value))
            yield value
            waiting += inputs_of(value)


def _is_fixed(layer: keras.Layer) -> bool:
    """Whether a layer gives the same value for the same input, in training too.

    That a network inside another was called with `training=False` does not count: Keras hands it
    what the outer one is called with.
    """
    moving = isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    draws = hasattr(layer, "seed_generator") and getattr(layer, "rate", 1) > 0
    return not (moving or draws or layer.trainable_variables)


def _is_frozen(layer: keras.Layer) -> bool:
    """Whether a layer has weights that it would train if it were not frozen."""
    return bool(layer.variables) and not layer.trainable


def _layers(value: Any) -> Iterator[keras.Layer]:
    """Yield the layer that gives a value and those inside it; none where it is an operation."""
    operation = operation_of(value)
    if isinstance(operation, keras.Layer):
        yield from all_layers(operation)
