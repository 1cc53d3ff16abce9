"""The graph of a network: its layers by name, and their symbolic outputs."""

from __future__ import annotations

from typing import Any

from runner.base.compat import inputs_of, operation_of
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.suggestions import nearest_or_all

LayerName = str | int


def layer_of(model: keras.Model, name: LayerName) -> keras.Layer:
    """Return a layer by its name, or by its number in the summary, the first being 0.

    Raises:
        ConfigurationError: there is no such layer.
    """
    names = [layer.name for layer in model.layers]
    if isinstance(name, int) and -len(names) <= name < len(names):
        return model.layers[name]
    if name in names:
        return model.get_layer(name)
    raise ConfigurationError(
        f"layer {name!r}: {model.name} has {len(names)} layers, none of that name or number"
        f"{nearest_or_all(str(name), names)}"
    )


def tensors(model: keras.Model) -> dict[str, Any]:
    """Return the symbolic output of every layer and operation of a network, by name.

    Not `layer.output`: that may belong to another network which shares the layer, be it the one a
    `Sequential` was before it was last rebuilt, or one nested in this.
    """
    found: dict[str, Any] = {}
    for value in values(model):
        found.setdefault(operation_of(value).name, value)
    return found


def values(model: keras.Model) -> list[Any]:
    """Return every symbolic value of a network, the last first; a shared layer makes several."""
    found: dict[int, Any] = {}
    waiting = list(model.outputs)
    while waiting:
        value = waiting.pop()
        if id(value) not in found:
            found[id(value)] = value
            waiting += inputs_of(value)
    return list(found.values())


def penultimate(model: keras.Model) -> Any:
    """Return the symbolic features the last layer with weights decides on, [n, features]."""
    last = model.outputs[0]
    if isinstance(operation_of(last), keras.layers.Normalization):  # of a regression
        last = inputs_of(last)[0]
    return inputs_of(last)[0]
