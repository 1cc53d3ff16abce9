"""A network that is played with: loaded once, its forward pass compiled, its units silenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import keras, tf
from runner.base.option_types import Normalization
from runner.base.tasks import Task
from runner.config.dataset_config import DatasetConfig
from runner.evaluation.task_predictions import read_outputs
from runner.figures.network_rows import LayerRow, layer_rows
from runner.models.graph import tensors
from runner.play.play_errors import PlayError
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.prediction import load_models
from runner.predict.prediction_task import PredictionTask
from runner.tracking.trained_network import TrainedNetwork

Values = NDArray[np.float32]


@dataclass(frozen=True)
class PlayedNetwork:
    """A loaded network.

    Attributes:
        model: takes raw pixels 0..255, or the features of a table.
        dataset: that it was trained on.
        trained: where it comes from.
    """

    model: keras.Model
    dataset: DatasetConfig
    trained: TrainedNetwork

    @property
    def task(self) -> Task:
        """What it predicts, with English names."""
        return self.dataset.task()

    @property
    def frame(self) -> Frame:
        """What pictures are brought to."""
        return Frame(self.dataset.shape, self.dataset.own_pictures)

    @cached_property
    def rows(self) -> list[LayerRow]:
        """Its layers, each after those it takes."""
        return layer_rows(self.model)

    def layer_values(self, inputs: NDArray[Any]) -> dict[str, Values]:
        """Return the output of every layer, [n, ...], by its name."""
        values = self._forward(tf.constant(inputs, tf.float32))
        return {
            row.name: np.asarray(value, np.float32)
            for row, value in zip(self.rows, values, strict=True)
        }

    def outputs(self, inputs: NDArray[Any]) -> Values:
        """Return probabilities of classes or labels, or the predicted numbers, [n, outputs]."""
        return self.probabilities(self.layer_values(inputs))

    def probabilities(self, values: Mapping[str, Values]) -> Values:
        """Return the same from what all layers gave."""
        last = values[self._last]
        return read_outputs(self.model, last, self.task)

    @cached_property
    def _last(self) -> str:
        last = self.model.outputs[0]
        return next(name for name, value in tensors(self.model).items() if value is last)

    @cached_property
    def _forward(self) -> Any:
        """The network, compiled for any number of inputs, with the outputs of all its layers."""
        values = tensors(self.model)
        inner = keras.Model(self.model.inputs, [values[row.name] for row in self.rows])
        shape = tf.TensorSpec([None, *self.model.input_shape[1:]], tf.float32)
        return tf.function(lambda inputs: inner(inputs, training=False), input_signature=[shape])


def load_played(
    trained: TrainedNetwork,
    dataset: str | None = None,
    scale: Normalization | None = None,
    silenced: Mapping[str, Sequence[int]] | None = None,
) -> PlayedNetwork:
    """Load a network, without the units that are silenced.

    Args:
        trained: the network.
        dataset: its name, for a mere file.
        scale: of pixels, likewise.
        silenced: numbers of units by the name of their layer; their weights become 0, and so do
            their outputs under ReLU.

    Raises:
        RunnerError: the file holds no network, or no unit of such a number.
    """
    config = trained.dataset(dataset)
    task = PredictionTask(config.task(), [], config)
    (model,) = load_models([trained], task, scale)
    for name, units in (silenced or {}).items():
        silence(model, name, units)
    return PlayedNetwork(model, config, trained)


def silence(model: keras.Model, name: str, units: Sequence[int]) -> None:
    """Set the weights and biases of some units of a layer to 0.

    Raises:
        PlayError: there is no such layer, or it has no such unit.
    """
    layer = next((each for each in model.layers if each.name == name), None)
    if not can_be_silenced(layer):
        raise PlayError("bad-request", f"{name}: no layer whose units can be silenced")
    assert layer is not None
    weights = layer.get_weights()
    if any(unit >= weights[0].shape[-1] for unit in units):
        raise PlayError("bad-request", f"{name} has {weights[0].shape[-1]} units, from 0 on")
    for array in weights:
        array[..., list(units)] = 0
    layer.set_weights(weights)


def can_be_silenced(layer: Any) -> bool:
    """Tell whether the last axis of all weights of a layer is its units."""
    return type(layer) in (keras.layers.Conv2D, keras.layers.Dense)
