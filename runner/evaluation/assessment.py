"""The evaluation of a trained network, the only stage that reads the test split."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, items_of
from runner.base.lazy import keras
from runner.base.tasks import Classification, MultiLabel, Regression, Task
from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import Dataset, TestSplit
from runner.evaluation.binary_metrics import measure_binary
from runner.evaluation.class_metrics import measure_classes
from runner.evaluation.classification_report import Report
from runner.evaluation.label_report import LabelReport, evaluate_labels
from runner.evaluation.predictions import AnyPredictions
from runner.evaluation.regression_report import RegressionReport, evaluate_regression
from runner.evaluation.task_predictions import compared, predicted
from runner.evaluation.timed_prediction import predict_timed
from runner.evaluation.tta import average_views

AnyReport = Report | LabelReport | RegressionReport

_PLAIN = EvaluationConfig(test=True, tta=None, tta_versions=1, fitted=False)


def evaluate(
    model: keras.Model,
    test: TestSplit,
    class_names: list[str],
    xla: bool,
    config: EvaluationConfig = _PLAIN,
) -> Report:
    """Predict the test images, in stored order, and compare the classes with their labels.

    Args:
        model: the trained network.
        test: images, uint8 [n, height, width, channels], or rows, float32 [n, features].
        class_names: one for each label.
        xla: whether XLA compiles the network.
        config: the views that are averaged, if any.
    """
    images, labels = test.images, test.labels
    found = predict_timed(model, images, xla, config)
    is_binary = len(class_names) == np.unique(labels).size == 2  # noqa: PLR2004
    return Report(
        **vars(found),
        labels=labels,
        examples=test.examples,
        class_names=class_names,
        classes=measure_classes(labels, found.probabilities.argmax(axis=1), class_names),
        binary=measure_binary(labels, found.probabilities) if is_binary else None,
        items=items_of(images),
    )


def assess(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> tuple[AnyReport | None, AnyPredictions | None]:
    """Evaluate a finished network.

    Returns:
        the report of the test images, or None with `evaluation.test=false`, and the predictions of
        the validation images, or None without any.
    """
    report = _TESTS[type(data.task)](model, data, xla, config) if config.test else None
    if data.validation is None:
        return report, None
    images = data.validation.images
    values = predicted(model, images, data.task, xla)
    predict = partial(_predicted_images, data.task)
    tta = average_views(model, images, values, config, xla, predict=predict) if config.tta else None
    return report, compared(data.task, data.validation, values, config, tta)


def _predicted_images(
    task: Task, model: keras.Model, images: Images, xla: bool
) -> NDArray[np.float32]:
    return predicted(model, images, task, xla)


def _test_classes(model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig) -> Report:
    return evaluate(model, data.test, data.task.names, xla, config)


def _test_regression(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> RegressionReport:
    del config  # only images have views
    return evaluate_regression(model, data, xla)


_TESTS: dict[type[Task], Callable[..., AnyReport]] = {
    Classification: _test_classes,
    MultiLabel: evaluate_labels,
    Regression: _test_regression,
}
