"""Predictions of trained networks for the user's own inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.option_types import Normalization
from runner.config.run_config import DEFAULT_THRESHOLD
from runner.evaluation.label_predictions import decide
from runner.evaluation.task_predictions import predicted
from runner.models import saved_networks
from runner.predict.inputs.sample import Failure, Sample
from runner.predict.prediction_task import PredictionTask
from runner.tracking.trained_network import TrainedNetwork

_DRAWN = 200
"""Inputs that are kept in memory to be drawn."""


@dataclass(frozen=True)
class InputPrediction:
    """The prediction for one input.

    Attributes:
        name: of the input.
        preparation: how it was made ready for the network, in words.
        outputs: the probability of each class or label, or each number, float32.
        truth: its true label, or None where that is not known.
        threshold: probability above which it has a label, where it can have several.
    """

    name: str
    preparation: str
    outputs: NDArray[np.float32]
    truth: int | None = None
    threshold: float = DEFAULT_THRESHOLD

    @property
    def label(self) -> int:
        """The most probable class."""
        return int(self.outputs.argmax())

    @property
    def labels(self) -> list[int]:
        """The labels it has, where it can have several."""
        return np.flatnonzero(decide(self.outputs, self.threshold)).tolist()

    @property
    def is_wrong(self) -> bool:
        """Whether the true label is known and another one."""
        return self.truth is not None and self.truth != self.label


@dataclass
class PredictionResults:
    """The predictions for all inputs, and the inputs that could not be read.

    Attributes:
        predictions: in the order of the inputs.
        failures: likewise.
        drawable: the first inputs as the network got them.
    """

    predictions: list[InputPrediction] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    drawable: list[NDArray[np.uint8 | np.float32]] = field(default_factory=list)

    @property
    def with_truth(self) -> list[InputPrediction]:
        """The predictions whose true label is known."""
        return [prediction for prediction in self.predictions if prediction.truth is not None]


def load_models(
    networks: list[TrainedNetwork], task: PredictionTask, scale: Normalization | None
) -> list[keras.Model]:
    """Load networks, made to take raw pixels or features.

    Raises:
        RunnerError: a file holds no network, or one for other images or classes.
    """
    if networks[0].configuration and scale:
        raise ConfigurationError(f"--scale {scale}: networks of runs scale pixels themselves")
    return [_load(trained, task, scale) for trained in networks]


def image_shape(model: keras.Model) -> tuple[int, ...]:
    """Return the shape of a network's images or rows; gray images get their one channel.

    Raises:
        ConfigurationError: it takes something else, or images of any size.
    """
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) not in {2, 3, 4} or None in shape[1:]:
        raise ConfigurationError(f"the network takes {shape}; give the --dataset it was trained on")
    return (*shape[1:], 1) if len(shape) == 3 else shape[1:]  # noqa: PLR2004


def predict_inputs(
    models: list[keras.Model],
    task: PredictionTask,
    chunks: Iterable[list[Sample | Failure]],
    xla: bool,
) -> PredictionResults:
    """Predict all inputs, chunk by chunk, as the mean of the networks."""
    results = PredictionResults()
    for chunk in chunks:
        results.failures += [item for item in chunk if isinstance(item, Failure)]
        samples = [item for item in chunk if isinstance(item, Sample)]
        if not samples:
            continue
        inputs = np.stack([sample.values for sample in samples])
        outputs = np.mean([predicted(model, inputs, task.task, xla) for model in models], axis=0)
        for sample, row in zip(samples, outputs, strict=True):
            truth = None if sample.truth is None else task.label(sample.truth)
            results.predictions.append(
                InputPrediction(sample.name, sample.preparation, row, truth, task.threshold)
            )
        results.drawable += list(inputs[: _DRAWN - len(results.drawable)])
    return results


def _load(
    trained: TrainedNetwork, task: PredictionTask, scale: Normalization | None
) -> keras.Model:
    model, name = saved_networks.load_network(trained.network), trained.network.name
    shape = task.dataset.shape if task.dataset else image_shape(model)
    if not trained.configuration:
        model = saved_networks.taking_pixels(model, shape, scale, name)
    saved_networks.check_input(model, shape, name)
    saved_networks.check_output(model, task.task, name)
    if not trained.configuration:
        model = saved_networks.giving_probabilities(model, task.task)
    return model
