"""Transfer learning: a frozen network of `keras.applications` and a small head of its own."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

from runner.base.errors import ConfigurationError, DataError
from runner.base.lazy import keras
from runner.base.option_types import Activation, Count, Fraction, OutputActivation, Positive
from runner.base.suggestions import nearest_or_all
from runner.datasets.file_search import roots
from runner.models.frozen import with_backbone
from runner.models.layers import hidden, output


@with_backbone
def transfer(
    input_shape: tuple[int, ...],
    outputs: int,
    *,
    backbone: str,
    weights: str | None,
    alpha: Positive | None,
    image_size: Count | None,
    hidden_units: list[Count],
    activation: Activation,
    hidden_dropout: Fraction,
    output_activation: OutputActivation,
) -> keras.Model:
    """Build a frozen backbone with its own preprocessing, global max pooling and a dense head.

    Args:
        input_shape: height, width, channels; one gray channel is repeated to three.
        outputs: number of output units.
        backbone: name of a class or function in `keras.applications`.
        weights: `imagenet`, the path of a weights file, also below the directories that data sets
            are looked for in, or None for random ones.
        alpha: width multiplier, for the backbones that have one (MobileNet).
        image_size: side the images are resized to; None is theirs where the backbone accepts it,
            else the smallest it accepts.
        hidden_units: units of each hidden dense layer of the head.
        activation: of the hidden layers.
        hidden_dropout: rate of dropout before the output layer.
        output_activation: see `output`.
    """
    constructor = _constructor(backbone)
    pixels = keras.layers.Input(input_shape, name="pixels")
    x = (
        keras.layers.Concatenate(name="gray_to_rgb")([pixels] * 3)
        if input_shape[-1] == 1
        else pixels
    )
    network = _sized(constructor, _options(constructor, weights, alpha), input_shape, image_size)
    network.trainable = False
    _silence_dropout(network)
    side = network.input_shape[1:3]
    if tuple(side) != tuple(input_shape[:2]):
        x = keras.layers.Resizing(*side, name="resizing")(x)
    x = network(_preprocessing(constructor)(x), training=False)
    x = hidden(keras.layers.GlobalMaxPooling2D(name="features")(x), hidden_units, activation, 0.0)
    x = keras.layers.Dropout(hidden_dropout, name="dropout")(x) if hidden_dropout else x
    return keras.Model(pixels, output(x, outputs, output_activation), name="transfer")


def found_weights(weights: str | None) -> str | None:
    """Return the path of a weights file, or what names no file as it is.

    Raises:
        ConfigurationError: there is no such file.
    """
    if weights in (None, "imagenet"):
        return weights
    paths = [Path(weights).expanduser(), *(root / weights for root in roots())]
    if found := next((path for path in paths if path.is_file()), None):
        return str(found)
    raise ConfigurationError(
        f"model.weights={weights}: no such file, nor is it below RUNNER_DATA; give imagenet, null "
        "or a weights file"
    )


def _constructor(backbone: str) -> Any:
    names = [name for name in dir(keras.applications) if name[0].isupper()]
    if backbone not in names:
        raise ConfigurationError(
            f"model.backbone={backbone}: keras.applications has no such network"
            f"{nearest_or_all(backbone, names)}"
        )
    return getattr(keras.applications, backbone)


def _options(constructor: Any, weights: str | None, alpha: float | None) -> dict[str, Any]:
    options: dict[str, Any] = {"include_top": False, "weights": found_weights(weights)}
    if alpha is None:
        return options
    if "alpha" not in inspect.signature(constructor).parameters:
        raise ConfigurationError(
            f"model.alpha={alpha}: {constructor.__name__} has no such option; choose null"
        )
    return options | {"alpha": alpha}


def _silence_dropout(network: keras.Model) -> None:
    """Turn off what an EfficientNet drops at random, which Keras would go on with in training."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0


def _preprocessing(constructor: Any) -> Any:
    return sys.modules[constructor.__module__].preprocess_input  # each network's module has its own


def _sized(
    constructor: Any, options: dict[str, Any], shape: tuple[int, ...], size: int | None
) -> keras.Model:
    """Build the backbone for the chosen size, or for the smallest one it accepts."""
    sides = [size] if size else [max(shape[:2]), 32, 48, 64, 71, 75, 96, 128, 224, 331]
    for side in sides:
        try:
            return constructor(input_shape=(side, side, 3), **options)
        except ValueError as error:
            if "at least" not in str(error) or side == sides[-1]:
                raise
        except Exception as error:
            if "URL fetch failure" not in str(error):  # Keras has no class of its own for it
                raise
            raise DataError(
                f"model.weights=imagenet: those of {constructor.__name__} cannot be downloaded; "
                f"give a weights file, or null for random ones: {error}"
            ) from error
    raise AssertionError("the loop returns or raises")
