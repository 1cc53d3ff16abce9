"""How well a network tells numbers."""

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
"""Rows of a table that are kept one by one in `report.json`, if there are no more."""


@dataclass(frozen=True, kw_only=True)
class RegressionReport(RegressionPredictions):
    """Predictions of the test rows beside what they should be, both in stored order.

    Attributes:
        output_names: one for each of them.
        predict_seconds: duration of predicting all test rows.
        examples: each row of a small table, those it was trained on first.
    """

    output_names: list[str]
    predict_seconds: float
    examples: list[dict[str, Any]]

    @property
    def predicted(self) -> RegressionValues:
        """What the network told: `predictions`."""
        return self.predictions

    def metrics(self) -> dict[str, Any]:
        """Return everything but the predictions of large tables, ready for JSON."""
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
        """Return no texts for people."""
        return {}


def evaluate_regression(model: keras.Model, data: Dataset, xla: bool) -> RegressionReport:
    """Predict the test rows, in stored order, and compare with what they should be.

    `predict_seconds` is from rows in host memory to numbers there, after a first batch that
    compiles.
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
    """Return the rows of a small table one by one, ready for JSON; none of a larger one."""
    if len(split) > _SMALL:
        return []
    rows = zip(split.images.tolist(), split.numbers.tolist(), predictions.tolist(), strict=True)
    return [
        {"split": kind, "inputs": inputs, "targets": targets, "predictions": given}
        for inputs, targets, given in rows
    ]
