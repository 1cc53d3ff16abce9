"""Features for baselines: the outputs of one layer of a network."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.compat import operation_of
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.suggestions import nearest_or_all
from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import TrainSplit
from runner.evaluation.tta import view
from runner.models.graph import LayerName, penultimate, tensors
from runner.training.augmentation.geometry import SHIFTS
from runner.training.inference import outputs

PIXELS = "pixels"
_SHIFTED = EvaluationConfig(test=True, tta="shift", tta_versions=1, fitted=False)
FeatureMatrix = NDArray[np.float32]


class LayerFeatures:
    """One layer of a network, as a function from images to features.

    Outputs of a layer are not scaled; with `pixels`, pixels are divided by 255, and columns of a
    table are standardized, since each has a unit of its own.

    Args:
        model: the network.
        layer: its name or number; `pixels` is the input, None the input of the last layer.
        train: rows that give mean and variance of the columns of a table.
        xla: whether XLA compiles it.

    Raises:
        ConfigurationError: there is no such layer, or its output has no fixed size.
    """

    def __init__(
        self, model: keras.Model, layer: LayerName | None, train: TrainSplit, xla: bool
    ) -> None:
        self.layer, value = _find(model, layer)
        if value is model.inputs[0]:
            self.layer, value = PIXELS, _scaled(value, train)
        if None in value.shape[1:]:
            raise ConfigurationError(
                f"features.layer={layer}: its output, {value.shape[1:]}, has no fixed size"
            )
        self.count = math.prod(value.shape[1:])
        self._network, self._xla = keras.Model(model.inputs, value), xla

    def __call__(self, images: Images, shifts: bool = False) -> FeatureMatrix:
        """Return features, float32 [n, count], or with `shifts` [5 n, count].

        With `shifts` those of all n images come first, then those of the images shifted by one
        pixel to N, S, E and W, as with `augmentation=shift4`.
        """
        moved = range(1, len(SHIFTS)) if shifts else ()
        versions = [images, *(view(images, number, _SHIFTED, self._xla) for number in moved)]
        return np.concatenate(
            [outputs(self._network, x, self._xla).reshape(len(x), -1) for x in versions]
        )


def _find(model: keras.Model, layer: LayerName | None) -> tuple[str, Any]:
    """Return a layer's name and its symbolic output."""
    if layer == PIXELS:
        return PIXELS, model.inputs[0]
    values = tensors(model)
    if layer is None:
        value = penultimate(model)
        return str(operation_of(value).name), value
    names = [one.name for one in model.layers if one.name in values]
    if isinstance(layer, int) and -len(names) <= layer < len(names):
        layer = names[layer]
    if not isinstance(layer, str) or layer not in names:
        listed = [PIXELS, *(name for name in names if values[name] is not model.inputs[0])]
        raise ConfigurationError(
            f"features.layer={layer}: {model.name} has no such layer"
            f"{nearest_or_all(str(layer), listed)}"
        )
    return layer, values[layer]


def _scaled(value: Any, train: TrainSplit) -> Any:
    if train.images.dtype == np.uint8:
        return keras.layers.Rescaling(1 / 255, dtype="float32")(value)
    columns = keras.layers.Normalization(dtype="float32")
    columns.adapt(train.images)
    return columns(value)
