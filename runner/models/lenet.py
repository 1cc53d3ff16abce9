"""LeNet-like convolutional networks (LeCun et al. 1998), with ReLU and max pooling."""

from __future__ import annotations

from runner.base.lazy import keras
from runner.base.option_types import (
    Activation,
    Count,
    Fraction,
    Initializer,
    NonNegative,
    Normalization,
    OutputActivation,
    Padding,
    Pooling,
)
from runner.models.layers import Weights, hidden, image_input, output, per_layer, pool


def lenet(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    filters: list[Count],
    kernel_size: Count | list[Count],
    strides: Count | list[Count],
    padding: Padding,
    pooling: Pooling,
    pool_size: Count,
    pool_strides: Count | None,
    hidden_units: list[Count],
    activation: Activation,
    features_dropout: Fraction,
    hidden_dropout: Fraction,
    kernel_initializer: Initializer,
    l1: NonNegative,
    l2: NonNegative,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build blocks of one convolution and pooling, then dense layers.

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        filters: of each convolution.
        kernel_size: side of the square filters, one for all convolutions or one for each.
        strides: pixels from one place of a filter to the next, likewise.
        padding: `valid` or `same`, of convolutions and pooling.
        pooling: `max` or `average`.
        pool_size: side of its square windows.
        pool_strides: pixels from one window to the next; None is their side.
        hidden_units: units of each hidden dense layer.
        activation: of convolutions and hidden layers.
        features_dropout: rate of dropout after the last pooling.
        hidden_dropout: rate of dropout after each hidden layer.
        kernel_initializer: of the weights.
        l1: penalty on the absolute weights of all layers.
        l2: penalty on their squares.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    weights = Weights(kernel_initializer, l1, l2)
    pixels, x = image_input(input_shape, normalization)
    sizes = per_layer(kernel_size, len(filters), "kernel_size")
    steps = per_layer(strides, len(filters), "strides")
    for number, shape in enumerate(zip(filters, sizes, steps, strict=True), 1):
        options = {"activation": activation, "name": f"convolution_{number}", **weights.options()}
        x = keras.layers.Conv2D(*shape, padding, **options)(x)
        x = pool(x, pooling, pool_size, pool_strides, padding=padding, name=f"pooling_{number}")
    if features_dropout:
        x = keras.layers.Dropout(features_dropout, name="dropout_features")(x)
    x = hidden(keras.layers.Flatten()(x), hidden_units, activation, hidden_dropout, weights=weights)
    return keras.Model(pixels, output(x, outputs, output_activation, weights), name="lenet")
