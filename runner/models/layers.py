"""Layers that are common to several architectures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from runner.base.compat import operation_of
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.option_types import (
    Activation,
    Initializer,
    Normalization,
    OutputActivation,
    Padding,
    Pooling,
)

LOGITS = "logits"
"""Name of an output layer whose values are no probabilities yet; see `output`."""

_RESCALING = {
    "inverted": (-1 / 255, 0.5),
    "inverted_unit": (-1 / 255, 1.0),
    "unit": (1 / 255, 0.0),
    "percent": (1 / 50, -1.0),
}


@dataclass(frozen=True)
class Weights:
    """How the weights of a network begin, and what their size costs.

    Attributes:
        initializer: of every kernel; biases begin with 0.
        l1: times the sum of the absolute weights of all kernels is added to the loss.
        l2: likewise, of their squares.
    """

    initializer: Initializer = "glorot_uniform"
    l1: float = 0.0
    l2: float = 0.0

    def options(self, more_l1: float = 0.0) -> dict[str, Any]:
        """Return the options of a Keras layer; `more_l1` is added for this layer alone."""
        l1 = self.l1 + more_l1
        penalty = keras.regularizers.L1L2(l1, self.l2) if l1 or self.l2 else None
        return {"kernel_initializer": self.initializer, "kernel_regularizer": penalty}


DEFAULT = Weights()


def image_input(shape: tuple[int, ...], normalization: Normalization) -> tuple[Any, Any]:
    """Return an input of raw pixels (0 .. 255) and its normalized values.

    `inverted` is the course's 255 - x scaled to -0.5 .. +0.5, `inverted_unit` the same scaled to
    0 .. 1, `unit` x / 255, `percent` 0 .. 100 scaled to -1 .. +1, for tables, `adapted` zero mean
    and unit variance over the training images, `adapted_columns` the same for each column of
    pixels, as Keras' layer does for images without channels, `none` the pixels as they are.
    """
    pixels = keras.layers.Input(shape, name="pixels")
    if normalization in _RESCALING:
        scale, offset = _RESCALING[normalization]
        return pixels, keras.layers.Rescaling(scale, offset, name="normalization")(pixels)
    if normalization in ("adapted", "adapted_columns"):
        columns = normalization == "adapted_columns" and len(shape) > 1  # of a table both are
        axis = -2 if columns else -1
        return pixels, keras.layers.Normalization(axis=axis, name="normalization")(pixels)
    return pixels, pixels


def pool(
    x: Any, kind: Pooling, size: int, strides: int | None, *, padding: Padding, name: str
) -> Any:
    """Take the maximum or the mean of square windows; `strides` None is their size."""
    layer = keras.layers.MaxPooling2D if kind == "max" else keras.layers.AveragePooling2D
    return layer(size, strides, padding, name=name)(x)


def hidden(
    x: Any,
    units: Iterable[int],
    activation: Activation,
    dropout: float,
    *,
    weights: Weights = DEFAULT,
    input_l1: float = 0.0,
    batch_normalization: bool = False,
    noise: float = 0.0,
) -> Any:
    """Stack dense layers, each followed by dropout where it is not 0.

    `input_l1` times the sum of the first layer's absolute weights is added to the loss. Between a
    layer's products and its activation stand a normalization over the batch, if wanted, and
    Gaussian noise of the standard deviation `noise`, where it is not 0.
    """
    apart = batch_normalization or noise > 0
    for number, size in enumerate(units, 1):
        options = weights.options(input_l1 if number == 1 else 0.0) | {"name": f"dense_{number}"}
        if apart:
            x = keras.layers.Dense(size, use_bias=not batch_normalization, **options)(x)
            x = _between(x, f"dense_{number}", batch_normalization, noise)
            x = keras.layers.Activation(activation, name=f"dense_{number}_activation")(x)
        else:
            x = keras.layers.Dense(size, activation, **options)(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"dropout_dense_{number}")(x)
    return x


def _between(x: Any, name: str, batch_normalization: bool, noise: float) -> Any:
    if batch_normalization:
        x = keras.layers.BatchNormalization(name=f"{name}_normalization")(x)
    return keras.layers.GaussianNoise(noise, name=f"{name}_noise")(x) if noise else x


def output(x: Any, outputs: int, activation: OutputActivation, weights: Weights = DEFAULT) -> Any:
    """Add the output layer, in float32 whatever the precision of the others.

    `auto` is a sigmoid for a single output and softmax for several; `logits` gives what would go
    into these, which then belong to the loss, and the layer is called so. `scaled` is linear and,
    in a layer of its own, scaled to mean and standard deviation of the training targets: weights
    need not grow to numbers of any unit.
    """
    if activation == "auto":
        activation = "sigmoid" if outputs == 1 else "softmax"
    if activation == "softmax" and outputs == 1:
        raise ConfigurationError(
            "model.output_activation=softmax of a single output is always 1; use auto or sigmoid, "
            "or training.loss=sparse_categorical_crossentropy for one output per class"
        )
    name = LOGITS if activation == "logits" else "output"
    function = "linear" if activation in ("logits", "scaled") else activation
    layer = keras.layers.Dense(outputs, function, dtype="float32", name=name, **weights.options())
    x = layer(x)
    if activation == "scaled":
        x = keras.layers.Normalization(invert=True, dtype="float32", name="scale_of_targets")(x)
    return x


def gives_logits(network: keras.Model) -> bool:
    """Whether a network's output layer is one of logits; see `output`."""
    return str(operation_of(network.outputs[0]).name) == LOGITS


def per_layer(value: int | list[int], layers: int, option: str) -> list[int]:
    """Give each layer its value, from one for all of them or from a list with one for each."""
    values = [value] * layers if isinstance(value, int) else value
    if len(values) != layers:
        raise ConfigurationError(
            f"model.{option}={values}: expected one value or {layers}, one per layer, "
            f"got {len(values)}"
        )
    return values
