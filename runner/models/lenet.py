"""LeNet-like convolutional networks (LeCun et al. 1998), with ReLU and max pooling."""

from __future__ import annotations

from runner.base.lazy import keras
from runner.base.option_types import Activation, Count, Fraction, Normalization, OutputActivation
from runner.models.layers import hidden, image_input, output, per_layer


def lenet(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    filters: list[Count],
    kernel_size: Count | list[Count],
    pool_size: Count,
    hidden_units: list[Count],
    activation: Activation,
    features_dropout: Fraction,
    hidden_dropout: Fraction,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build blocks of one 'valid' convolution and max pooling, then dense layers.

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        filters: of each convolution.
        kernel_size: side of the square filters, one for all convolutions or one for each.
        pool_size: side and stride of the max pooling.
        hidden_units: units of each hidden dense layer.
        activation: of convolutions and hidden layers.
        features_dropout: rate of dropout after the last pooling.
        hidden_dropout: rate of dropout after each hidden layer.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    pixels, x = image_input(input_shape, normalization)
    sizes = per_layer(kernel_size, len(filters), "kernel_size")
    for number, (count, size) in enumerate(zip(filters, sizes, strict=True), 1):
        x = keras.layers.Conv2D(count, size, activation=activation, name=f"convolution_{number}")(x)
        x = keras.layers.MaxPooling2D(pool_size, name=f"pooling_{number}")(x)
    if features_dropout:
        x = keras.layers.Dropout(features_dropout, name="dropout_features")(x)
    x = hidden(keras.layers.Flatten()(x), hidden_units, activation, hidden_dropout)
    return keras.Model(pixels, output(x, outputs, output_activation), name="lenet")
