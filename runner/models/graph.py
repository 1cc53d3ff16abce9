"""The graph of a network: its layers by name, and the symbolic values they compute."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras

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
    near = get_close_matches(str(name), names, n=3) or names
    raise ConfigurationError(
        f"layer {name!r}: {model.name} has {len(names)} layers, none of that name or number; "
        f"did you mean {' or '.join(near)}?"
    )


def tensors(model: keras.Model) -> dict[str, Any]:
    """Return the symbolic output of every layer and operation of a network, by name.

    Not `layer.output`: that may belong to another network which shares the layer, be it the one a
    `Sequential` was before it was last rebuilt, or one nested in this.
    """
    found: dict[str, Any] = {}
    waiting = list(model.outputs)
    while waiting:
        value = waiting.pop()
        if value._keras_history.operation.name not in found:
            found[value._keras_history.operation.name] = value
            waiting += sources(value)
    return found


def sources(value: Any) -> list[Any]:
    """Return the symbolic values that one was computed from."""
    operation, node, _ = value._keras_history
    return list(operation._inbound_nodes[node].input_tensors)


def penultimate(model: keras.Model) -> Any:
    """Return the symbolic features the last layer decides on, [n, features]."""
    return sources(model.outputs[0])[0]
