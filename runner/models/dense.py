"""Fully connected networks."""

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
)
from runner.models.layers import Weights, hidden, image_input, output


def dense(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    hidden_units: list[Count],
    activation: Activation,
    hidden_dropout: Fraction,
    batch_normalization: bool,
    input_noise: NonNegative,
    noise: NonNegative,
    input_l1: NonNegative,
    kernel_initializer: Initializer,
    l1: NonNegative,
    l2: NonNegative,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build a multilayer perceptron on the flattened image.

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        hidden_units: units of each hidden layer.
        activation: of the hidden layers.
        hidden_dropout: rate of dropout after each hidden layer.
        batch_normalization: whether each hidden layer is normalized over the batch.
        input_noise: standard deviation of Gaussian noise on the normalized pixels in training.
        noise: likewise, on what each hidden layer computes, before its activation.
        input_l1: penalty on the first layer's weights, which lets go of inputs that are noise.
        kernel_initializer: of the weights.
        l1: penalty on the absolute weights of all layers.
        l2: penalty on their squares.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    weights = Weights(kernel_initializer, l1, l2)
    pixels, x = image_input(input_shape, normalization)
    x = keras.layers.Flatten()(x)
    if input_noise:
        x = keras.layers.GaussianNoise(input_noise, name="noise_input")(x)
    x = hidden(
        x,
        hidden_units,
        activation,
        hidden_dropout,
        weights=weights,
        input_l1=input_l1,
        batch_normalization=batch_normalization,
        noise=noise,
    )
    return keras.Model(pixels, output(x, outputs, output_activation, weights), name="dense")
