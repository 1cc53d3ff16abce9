"""Evaluation: the only stage that reads the test split, once for each trained network."""

import time

import keras

from runner.datasets.splits import TestSplit
from runner.evaluation.metrics import BinaryReport, class_errors, measure_binary
from runner.evaluation.prediction import predict
from runner.evaluation.report import Report

__all__ = ["BinaryReport", "Report", "evaluate", "predict"]


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
        class_errors=class_errors(labels, probabilities, class_names),
        binary=measure_binary(labels, probabilities[:, 1]) if len(class_names) == 2 else None,  # noqa: PLR2004
        predict_seconds=seconds,
    )
