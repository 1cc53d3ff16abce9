"""Small networks of separable convolutions with shortcuts, after Xception (Chollet 2017)."""

from __future__ import annotations

from typing import Any

from runner.base.lazy import keras
from runner.base.option_types import Count, Fraction, Normalization, OutputActivation
from runner.models.layers import image_input, output


def xception_mini(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    filters: list[Count],
    features_dropout: Fraction,
    normalization: Normalization,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build blocks of two separable convolutions and a pooling, with a shortcut around each.

    It is the small network that Chollet trains on 2000 cats and dogs from nothing (Deep Learning
    with Python, second edition, chapter 9).

    Args:
        input_shape: height, width, channels.
        outputs: number of output units.
        filters: of the convolutions of each block; the first number is that of the convolution
            before them, too.
        features_dropout: rate of dropout before the output.
        normalization: of the pixels; see `image_input`.
        output_activation: see `output`.
    """
    pixels, x = image_input(input_shape, normalization)
    x = keras.layers.Conv2D(filters[0], 5, use_bias=False, name="convolution")(x)
    for number, count in enumerate(filters, 1):
        x = _block(x, count, f"block_{number}")
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(x)
    if features_dropout:
        x = keras.layers.Dropout(features_dropout, name="dropout_features")(x)
    return keras.Model(pixels, output(x, outputs, output_activation), name="xception-mini")


def _block(x: Any, filters: int, name: str) -> Any:
    options = {"padding": "same", "use_bias": False}
    shortcut = keras.layers.Conv2D(filters, 1, strides=2, name=f"{name}_shortcut", **options)(x)
    for number in (1, 2):
        x = keras.layers.BatchNormalization(name=f"{name}_normalization_{number}")(x)
        x = keras.layers.Activation("relu", name=f"{name}_activation_{number}")(x)
        layer = keras.layers.SeparableConv2D(
            filters, 3, name=f"{name}_separable_{number}", **options
        )
        x = layer(x)
    x = keras.layers.MaxPooling2D(3, strides=2, padding="same", name=f"{name}_pooling")(x)
    return keras.layers.Add(name=f"{name}_sum")([shortcut, x])
