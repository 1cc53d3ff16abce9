"""Stacks of small convolutions (Simonyan and Zisserman 2014), sized for 28x28 images."""

from __future__ import annotations

from typing import Any

from runner.base.lazy import keras
from runner.base.option_types import Activation, Count, Fraction, Normalization, OutputActivation
from runner.models.layers import hidden, image_input, output


def vgg_3x3(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    filters: list[Count],
    convolutions: Count,
    kernel_size: Count,
    batch_normalization: bool,
    hidden_units: list[Count],
    activation: Activation,
    block_dropout: Fraction,
    hidden_dropout: Fraction,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build blocks of several 'same' convolutions and one 2x2 max pooling, then dense layers.

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        filters: of the convolutions of each block.
        convolutions: number of convolutions in a block.
        kernel_size: side of the square filters.
        batch_normalization: whether each convolution is normalized over the batch.
        hidden_units: units of each hidden dense layer.
        activation: of convolutions and hidden layers.
        block_dropout: rate of dropout after each pooling.
        hidden_dropout: rate of dropout after each hidden layer.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    pixels, x = image_input(input_shape, normalization)
    for block, count in enumerate(filters, 1):
        for number in range(1, convolutions + 1):
            name = f"block_{block}_convolution_{number}"
            x = _convolution(x, (count, kernel_size), activation, batch_normalization, name)
        x = keras.layers.MaxPooling2D(2, name=f"block_{block}_pooling")(x)
        if block_dropout:
            x = keras.layers.Dropout(block_dropout, name=f"block_{block}_dropout")(x)
    x = hidden(keras.layers.Flatten()(x), hidden_units, activation, hidden_dropout)
    return keras.Model(pixels, output(x, outputs, output_activation), name="vgg-3x3")


def _convolution(
    x: Any, shape: tuple[int, int], activation: str, batch_normalization: bool, name: str
) -> Any:
    if not batch_normalization:
        return keras.layers.Conv2D(*shape, padding="same", activation=activation, name=name)(x)
    x = keras.layers.Conv2D(*shape, padding="same", use_bias=False, name=name)(x)
    x = keras.layers.BatchNormalization(name=f"{name}_normalization")(x)
    return keras.layers.Activation(activation, name=f"{name}_activation")(x)
