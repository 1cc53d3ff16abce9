"""Evaluation: the only stage that reads the test split, once for each trained network."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.base.tasks import Regression, Task
from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.binary_metrics import BinaryReport, measure_binary
from runner.evaluation.class_metrics import measure_classes
from runner.evaluation.classification_report import Report
from runner.evaluation.predictions import AnyPredictions, Predictions, RegressionPredictions
from runner.evaluation.probabilities import predict_probabilities
from runner.evaluation.regression_report import RegressionReport, evaluate_regression
from runner.evaluation.tta import average_views
from runner.training.inference import outputs

__all__ = [
    "AnyReport",
    "BinaryReport",
    "RegressionReport",
    "Report",
    "assess",
    "evaluate",
    "outputs",
    "predict_probabilities",
    "predicted",
]

AnyReport = Report | RegressionReport

_PLAIN = EvaluationConfig(test=True, tta=None, tta_versions=1)


def evaluate(
    model: keras.Model,
    test: TestSplit,
    class_names: list[str],
    xla: bool,
    config: EvaluationConfig = _PLAIN,
) -> Report:
    """Predict the test images, in stored order, and compare with their labels.

    `predict_seconds` is from images in host memory to probabilities there, after a first batch that
    compiles; `tta_predict_seconds` the same for all views of them.
    """
    images, labels = test.images, test.labels
    first = predict_probabilities(model, images[:1], xla)
    if config.tta:
        average_views(model, images[:1], first, config, xla)
    started = time.perf_counter()
    probabilities = predict_probabilities(model, images, xla)
    seconds = time.perf_counter() - started
    tta = average_views(model, images, probabilities, config, xla) if config.tta else None
    is_binary = len(class_names) == np.unique(labels).size == 2  # noqa: PLR2004
    return Report(
        labels=labels,
        probabilities=probabilities,
        tta_probabilities=tta,
        examples=test.examples,
        class_names=class_names,
        classes=measure_classes(labels, probabilities.argmax(axis=1), class_names),
        binary=measure_binary(labels, probabilities) if is_binary else None,
        predict_seconds=seconds,
        tta_predict_seconds=time.perf_counter() - started if config.tta else None,
    )


def assess(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> tuple[AnyReport | None, AnyPredictions | None]:
    """Evaluate a finished network.

    Returns:
        the report of the test images, or None where they are to stay untouched, and the predictions
        of the validation images, or None where there are none.
    """
    regression = isinstance(data.task, Regression)
    judge, validate = (_measure_numbers, _numbers) if regression else (_measure_classes, _classes)
    report = judge(model, data, xla, config) if config.test else None
    if data.validation is None:
        return report, None
    return report, validate(model, data.validation, xla, config)


def predicted(model: keras.Model, images: Images, task: Task, xla: bool) -> NDArray[np.float32]:
    """Return what a network tells of images: probabilities of classes, or numbers."""
    tell = outputs if isinstance(task, Regression) else predict_probabilities
    return tell(model, images, xla)


def _measure_classes(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> Report:
    return evaluate(model, data.test, data.task.names, xla, config)


def _measure_numbers(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> RegressionReport:
    del config  # it is of views of images
    return evaluate_regression(model, data, xla)


def _classes(
    model: keras.Model, validation: TrainSplit, xla: bool, config: EvaluationConfig
) -> Predictions:
    given = predict_probabilities(model, validation.images, xla)
    tta = average_views(model, validation.images, given, config, xla) if config.tta else None
    return Predictions(validation.labels, given, tta, validation.examples)


def _numbers(
    model: keras.Model, validation: TrainSplit, xla: bool, config: EvaluationConfig
) -> RegressionPredictions:
    del config
    return RegressionPredictions(validation.numbers, outputs(model, validation.images, xla))
