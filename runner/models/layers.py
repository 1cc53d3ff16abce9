"""Layers that are common to several architectures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.option_types import Activation, Normalization, OutputActivation


def image_input(shape: tuple[int, ...], normalization: Normalization) -> tuple[Any, Any]:
    """Return an input of raw pixels (0 .. 255) and its normalized values.

    `inverted` is the course's 255 - x scaled to -0.5 .. +0.5, `unit` x / 255, `percent` 0 .. 100
    scaled to -1 .. +1, for tables, `adapted` zero mean and unit variance over the training images,
    `adapted_columns` the same for each column of pixels, as Keras' layer does for images without
    channels, `none` the pixels as they are.
    """
    pixels = keras.layers.Input(shape, name="pixels")
    if normalization == "inverted":
        return pixels, keras.layers.Rescaling(-1 / 255, 0.5, name="normalization")(pixels)
    if normalization == "unit":
        return pixels, keras.layers.Rescaling(1 / 255, name="normalization")(pixels)
    if normalization == "percent":
        return pixels, keras.layers.Rescaling(1 / 50, -1, name="normalization")(pixels)
    if normalization == "adapted":
        return pixels, keras.layers.Normalization(name="normalization")(pixels)
    if normalization == "adapted_columns":
        return pixels, keras.layers.Normalization(axis=-2, name="normalization")(pixels)
    return pixels, pixels


def hidden(
    x: Any, units: Iterable[int], activation: Activation, dropout: float, input_l1: float = 0.0
) -> Any:
    """Stack dense layers, each followed by dropout where it is not 0.

    `input_l1` times the sum of the first layer's absolute weights is added to the loss.
    """
    for number, size in enumerate(units, 1):
        penalty = keras.regularizers.L1(input_l1) if input_l1 and number == 1 else None
        dense = keras.layers.Dense(
            size, activation=activation, kernel_regularizer=penalty, name=f"dense_{number}"
        )
        x = dense(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"dropout_dense_{number}")(x)
    return x


def output(x: Any, outputs: int, activation: OutputActivation) -> Any:
    """Add the output layer, in float32 whatever the precision of the others.

    `auto` is a sigmoid for a single output and softmax for several.
    """
    if activation == "auto":
        activation = "sigmoid" if outputs == 1 else "softmax"
    if activation == "softmax" and outputs == 1:
        raise ConfigurationError(
            "model.output_activation=softmax of a single output is always 1; use auto or sigmoid, "
            "or training.loss=sparse_categorical_crossentropy for one output per class"
        )
    return keras.layers.Dense(outputs, activation=activation, dtype="float32", name="output")(x)


def per_layer(value: int | list[int], layers: int, option: str) -> list[int]:
    """Give each layer its value, from one for all of them or from a list with one for each."""
    values = [value] * layers if isinstance(value, int) else value
    if len(values) != layers:
        raise ConfigurationError(
            f"model.{option}={values}: expected one value or {layers}, one per layer, "
            f"got {len(values)}"
        )
    return values
