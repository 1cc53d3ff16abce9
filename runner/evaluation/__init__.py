"""Evaluation: the only stage that reads the test split, once for each trained network."""

import time

import keras

from runner.config import EvaluationConfig
from runner.datasets.splits import Dataset, TestSplit
from runner.evaluation.classes import measure_classes
from runner.evaluation.metrics import BinaryReport, measure_binary
from runner.evaluation.prediction import predict
from runner.evaluation.report import Report

__all__ = ["BinaryReport", "Report", "assess", "evaluate", "predict"]


def evaluate(model: keras.Model, test: TestSplit, class_names: list[str], xla: bool) -> Report:
    """Predict the test images, in stored order, and compare with their labels.

    `predict_seconds` is from images in host memory to probabilities there, after a first batch that
    compiles.
    """
    images, labels = test.images, test.labels
    predict(model, images[:1], xla)
    started = time.perf_counter()
    probabilities = predict(model, images, xla)
    seconds = time.perf_counter() - started
    return Report(
        labels=labels,
        probabilities=probabilities,
        class_names=class_names,
        classes=measure_classes(labels, probabilities.argmax(axis=1), class_names),
        binary=measure_binary(labels, probabilities) if len(class_names) == 2 else None,  # noqa: PLR2004
        predict_seconds=seconds,
    )


def assess(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> tuple[Report | None, float | None]:
    """Evaluate a finished network.

    Returns:
        the report of the test images, or None where they are to stay untouched, and the fraction
        of the validation images given a wrong label, or None where there are none.
    """
    report = evaluate(model, data.test, data.class_names, xla) if config.test else None
    if data.validation is None:
        return report, None
    given = predict(model, data.validation.images, xla).argmax(axis=1)
    return report, float((given != data.validation.labels).mean())
