"""Evaluation: the only stage that reads the test split, once for each trained network."""

import time

import keras

from runner.config import EvaluationConfig
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.classes import measure_classes
from runner.evaluation.metrics import BinaryReport, measure_binary
from runner.evaluation.prediction import predict
from runner.evaluation.report import Report
from runner.evaluation.views import average_views
from runner.predictions import Predictions

__all__ = ["BinaryReport", "Report", "assess", "evaluate", "predict"]

_PLAIN = EvaluationConfig()


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
    first = predict(model, images[:1], xla)
    if config.tta:
        average_views(model, images[:1], first, config, xla)
    started = time.perf_counter()
    probabilities = predict(model, images, xla)
    seconds = time.perf_counter() - started
    tta = average_views(model, images, probabilities, config, xla) if config.tta else None
    return Report(
        labels=labels,
        probabilities=probabilities,
        tta_probabilities=tta,
        class_names=class_names,
        classes=measure_classes(labels, probabilities.argmax(axis=1), class_names),
        binary=measure_binary(labels, probabilities) if len(class_names) == 2 else None,  # noqa: PLR2004
        predict_seconds=seconds,
        tta_predict_seconds=time.perf_counter() - started if config.tta else None,
    )


def assess(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> tuple[Report | None, Predictions | None]:
    """Evaluate a finished network.

    Returns:
        the report of the test images, or None where they are to stay untouched, and the predictions
        of the validation images, or None where there are none.
    """
    report = evaluate(model, data.test, data.class_names, xla, config) if config.test else None
    if data.validation is None:
        return report, None
    return report, _validate(model, data.validation, xla, config)


def _validate(
    model: keras.Model, validation: TrainSplit, xla: bool, config: EvaluationConfig
) -> Predictions:
    given = predict(model, validation.images, xla)
    tta = average_views(model, validation.images, given, config, xla) if config.tta else None
    return Predictions(validation.labels, given, tta)
