"""The state of a Keras callback: what it has learned since it was made."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import keras

Arrays = list[NDArray[Any]]
_PLAIN = (bool, int, float, str, type(None))


def pack_state(callback: keras.callbacks.Callback, arrays: Arrays) -> dict[str, Any]:
    """Return the state of a callback as JSON has it.

    It is what the attributes hold of numbers, texts, arrays, and lists and dicts of these, except
    those that are called like an option of the constructor: Keras changes some of them
    (`min_delta` gets a sign), and they come from the configuration again.

    Args:
        callback: of Keras or of a user.
        arrays: to which those in the state are appended; JSON then holds their numbers.
    """
    options = _options(callback)
    found = {name: value for name, value in vars(callback).items() if name not in options}
    return {name: _packed(value, arrays) for name, value in found.items() if _is_state(value)}


def unpack_state(callback: keras.callbacks.Callback, state: dict[str, Any], arrays: Arrays) -> None:
    """Give a callback, made and begun like the one before, the state of `pack_state`."""
    known = {name: value for name, value in state.items() if name not in _options(callback)}
    vars(callback).update({name: _unpacked(value, arrays) for name, value in known.items()})


def _options(callback: keras.callbacks.Callback) -> set[str]:
    classes = type(callback).__mro__[:-1]
    return {name for each in classes for name in inspect.signature(each).parameters}


def _is_state(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_state, value))
    if isinstance(value, dict):
        return all(map(_is_state, [*value, *value.values()]))
    return isinstance(value, (*_PLAIN, np.ndarray, np.generic))


def _packed(value: Any, arrays: Arrays) -> Any:
    if isinstance(value, np.ndarray | np.generic):  # np.float64 is a float too, and stays itself
        arrays.append(np.asarray(value))
        return {"array" if isinstance(value, np.ndarray) else "number": len(arrays) - 1}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_packed(each, arrays) for each in value]}
    if isinstance(value, dict):
        return {"dict": [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]}
    return value


def _unpacked(value: Any, arrays: Arrays) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    match kind:
        case "array":
            return arrays[content]
        case "number":
            return arrays[content][()]
        case "dict":
            return {_unpacked(key, arrays): _unpacked(each, arrays) for key, each in content}
        case "tuple":
            return tuple(_unpacked(each, arrays) for each in content)
    return [_unpacked(each, arrays) for each in content]
