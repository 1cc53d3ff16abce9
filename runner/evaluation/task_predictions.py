"""What the outputs of a network mean, for each task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.base.tasks import Classification, MultiLabel, Regression, Task
from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import TestSplit, TrainSplit
from runner.evaluation.label_predictions import LabelPredictions
from runner.evaluation.predictions import AnyPredictions, Predictions, RegressionPredictions
from runner.evaluation.probabilities import class_probabilities, label_probabilities
from runner.training.inference import outputs

Values = NDArray[np.float32]
"""Probabilities [n, classes] or [n, labels], or values [n, outputs]."""

Split = TrainSplit | TestSplit


@dataclass(frozen=True)
class _Meaning:
    """What outputs mean.

    Attributes:
        read: makes the values of a task from the outputs of a network.
        compare: puts them, and those averaged over views, beside the targets of a split.
    """

    read: Callable[[keras.Model, Values], Values]
    compare: Callable[[Split, Values, Values | None, EvaluationConfig], AnyPredictions]


def predicted(model: keras.Model, images: Images, task: Task, xla: bool) -> Values:
    """Return predictions for images: probabilities [n, classes], or values [n, outputs]."""
    return read_outputs(model, outputs(model, images, xla), task)


def read_outputs(model: keras.Model, outputs: Values, task: Task) -> Values:
    """Return predictions from the outputs of a network, [n, outputs]."""
    return _MEANINGS[type(task)].read(model, outputs)


def compared(
    task: Task, split: Split, values: Values, config: EvaluationConfig, tta: Values | None = None
) -> AnyPredictions:
    """Return predictions of a split together with its targets.

    Args:
        task: of the data set.
        split: whose images were predicted.
        values: see `predicted`.
        config: the threshold of labels.
        tta: values averaged over views, or None.
    """
    return _MEANINGS[type(task)].compare(split, values, tta, config)


def _values(model: keras.Model, outputs: Values) -> Values:
    del model
    return outputs


def _classes(
    split: Split, values: Values, tta: Values | None, config: EvaluationConfig
) -> Predictions:
    del config
    return Predictions(split.labels, values, tta, split.examples)


def _labels(
    split: Split, values: Values, tta: Values | None, config: EvaluationConfig
) -> LabelPredictions:
    labels = split.labels.astype(np.int64)
    return LabelPredictions(labels, values, tta, split.examples, config.threshold)


def _numbers(
    split: Split, values: Values, tta: Values | None, config: EvaluationConfig
) -> RegressionPredictions:
    del tta, config
    return RegressionPredictions(split.numbers, values)


_MEANINGS: dict[type[Task], _Meaning] = {
    Classification: _Meaning(class_probabilities, _classes),
    MultiLabel: _Meaning(label_probabilities, _labels),
    Regression: _Meaning(_values, _numbers),
}
