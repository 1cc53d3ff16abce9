"""The report of the evaluation of one regression network."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any

from runner.base.array_types import RegressionValues
from runner.base.lazy import keras
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.evaluation.predictions import RegressionPredictions
from runner.evaluation.regression_metrics import measure_regression
from runner.training.inference import outputs

_SMALL = 12
"""Largest number of rows that are listed one by one in `report.json`."""


@dataclass(frozen=True, kw_only=True)
class RegressionReport(RegressionPredictions):
    """Predicted and true values of the test rows, in stored order.

    Attributes:
        output_names: one for each output.
        predict_seconds: duration of the prediction of all test rows.
        examples: each row of a small table, training rows first; empty for a larger table.
    """

    output_names: list[str]
    predict_seconds: float
    examples: list[dict[str, Any]]

    @property
    def predicted(self) -> RegressionValues:
        """The output of the network: `predictions`, float32 [n, outputs]."""
        return self.predictions

    def metrics(self) -> dict[str, Any]:
        """Return the metrics, and the rows of a small table, for `report.json`."""
        outputs = {
            name: asdict(measure_regression(self.targets[:, [n]], self.predictions[:, [n]]))
            for n, name in enumerate(self.output_names)
        }
        return {
            **self.errors("test"),
            "outputs": outputs,
            "examples": self.examples,
            "predict_seconds": self.predict_seconds,
            "predict_images_per_second": len(self.targets) / self.predict_seconds,
        }

    def texts(self) -> dict[str, str]:
        """Return no text files."""
        return {}


def evaluate_regression(model: keras.Model, data: Dataset, xla: bool) -> RegressionReport:
    """Predict the test rows, in stored order, and compare the values with their targets.

    `predict_seconds` is measured from rows in host memory to values in host memory, after a first
    batch that compiles.
    """
    rows = _examples("training", data.train, outputs(model, data.train.images[:_SMALL], xla))
    started = time.perf_counter()
    predictions = outputs(model, data.test.images, xla)
    seconds = time.perf_counter() - started
    return RegressionReport(
        targets=data.test.numbers,
        predictions=predictions,
        output_names=data.task.names,
        predict_seconds=seconds,
        examples=rows + _examples("test", data.test, predictions),
    )


def _examples(
    kind: str, split: TrainSplit | TestSplit, predictions: RegressionValues
) -> list[dict[str, Any]]:
    """Return the rows of a small table one by one, for `report.json`; none of a larger one."""
    if len(split) > _SMALL:
        return []
    rows = zip(split.images.tolist(), split.numbers.tolist(), predictions.tolist(), strict=True)
    return [
        {"split": kind, "inputs": inputs, "targets": targets, "predictions": predicted}
        for inputs, targets, predicted in rows
    ]
