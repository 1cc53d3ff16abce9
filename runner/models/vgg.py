"""Stacks of small convolutions (Simonyan and Zisserman 2014), sized for 28x28 images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


def vgg_3x3(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    filters: list[Count],
    convolutions: Count,
    kernel_size: Count | list[Count],
    padding: Padding,
    batch_normalization: bool,
    pooling: Pooling | None,
    hidden_units: list[Count],
    activation: Activation,
    block_dropout: Fraction,
    features_dropout: Fraction | None,
    hidden_dropout: Fraction,
    kernel_initializer: Initializer,
    l1: NonNegative,
    l2: NonNegative,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build blocks of several convolutions and one 2x2 pooling or none, then dense layers.

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        filters: of the convolutions of each block.
        convolutions: number of convolutions in a block.
        kernel_size: side of the square filters, one for all convolutions or one for each.
        padding: `valid` or `same`, of the convolutions.
        batch_normalization: whether each convolution is normalized over the batch.
        pooling: `max` or `average`; None leaves it out, so that only `valid` convolutions shrink.
        hidden_units: units of each hidden dense layer.
        activation: of convolutions and hidden layers.
        block_dropout: rate of dropout after each block.
        features_dropout: rate after the last block; None is `block_dropout`.
        hidden_dropout: rate of dropout after each hidden layer.
        kernel_initializer: of the weights.
        l1: penalty on the absolute weights of all layers.
        l2: penalty on their squares.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    weights = Weights(kernel_initializer, l1, l2)
    pixels, x = image_input(input_shape, normalization)
    sizes = iter(per_layer(kernel_size, len(filters) * convolutions, "kernel_size"))
    convolution = _Convolution(padding, activation, batch_normalization, weights)
    last = block_dropout if features_dropout is None else features_dropout
    dropouts = [*[block_dropout] * (len(filters) - 1), last]
    for block, (count, dropout) in enumerate(zip(filters, dropouts, strict=True), 1):
        for number in range(1, convolutions + 1):
            x = convolution(x, (count, next(sizes)), f"block_{block}_convolution_{number}")
        if pooling:
            x = pool(x, pooling, 2, None, padding="valid", name=f"block_{block}_pooling")
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"block_{block}_dropout")(x)
    x = hidden(keras.layers.Flatten()(x), hidden_units, activation, hidden_dropout, weights=weights)
    return keras.Model(pixels, output(x, outputs, output_activation, weights), name="vgg-3x3")


@dataclass(frozen=True)
class _Convolution:
    padding: Padding
    activation: Activation
    batch_normalization: bool
    weights: Weights

    def __call__(self, x: Any, shape: tuple[int, int], name: str) -> Any:
        options = {"padding": self.padding, "name": name, **self.weights.options()}
        if not self.batch_normalization:
            return keras.layers.Conv2D(*shape, activation=self.activation, **options)(x)
        x = keras.layers.Conv2D(*shape, use_bias=False, **options)(x)
        x = keras.layers.BatchNormalization(name=f"{name}_normalization")(x)
        return keras.layers.Activation(self.activation, name=f"{name}_activation")(x)
