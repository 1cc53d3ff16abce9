"""The report of the evaluation of one network that predicts several labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, items_of
from runner.base.lazy import keras, sklearn
from runner.base.option_types import Items
from runner.base.text_table import plain_table
from runner.config.run_config import EvaluationConfig
from runner.datasets.splits import Dataset
from runner.evaluation.label_predictions import LabelPredictions
from runner.evaluation.probabilities import label_probabilities
from runner.evaluation.timed_prediction import predict_timed
from runner.training.inference import outputs

_METRICS = ("precision", "recall", "f1")


@dataclass(frozen=True, kw_only=True)
class LabelReport(LabelPredictions):
    """Predictions of the test images, and their metrics.

    Attributes:
        label_names: one for each label.
        predict_seconds: duration of the prediction of all test images.
        tta_predict_seconds: duration of the prediction of all their views, or None.
        items: what is given labels.
    """

    label_names: list[str]
    predict_seconds: float
    tta_predict_seconds: float | None = None
    items: Items = "images"

    @property
    def predicted(self) -> NDArray[np.float32]:
        """The output of the network: `probabilities`, float32 [n, labels]."""
        return self.probabilities

    def metrics(self) -> dict[str, Any]:
        """Return the metrics for `report.json`."""
        seconds = self.tta_predict_seconds
        return {
            **self.errors("test"),
            "threshold": self.threshold,
            "labels": self.label_metrics(),
            "macro": self._average("macro"),
            "micro": self._average("micro"),
            "predict_seconds": self.predict_seconds,
            "predict_images_per_second": len(self.labels) / self.predict_seconds,
            **({} if seconds is None else {"tta_predict_seconds": seconds}),
        }

    def label_metrics(self) -> dict[str, dict[str, float]]:
        """Return error, precision, recall, F1 and number of images of each label, by its name."""
        wrong = (self.predictions != self.labels).mean(axis=0)
        columns = self._scores(None)
        return {
            name: dict(zip(("error", *_METRICS, "support"), values, strict=True))
            for name, *values in zip(
                self.label_names,
                wrong.tolist(),
                *(np.asarray(column).tolist() for column in columns),
                strict=True,
            )
        }

    def texts(self) -> dict[str, str]:
        """Return text files for people: content by file name."""
        rows = [
            [name, *(f"{one[key]:.4f}" for key in ("error", *_METRICS)), f"{one['support']:,}"]
            for name, one in self.label_metrics().items()
        ]
        for kind in ("macro", "micro"):
            rows.append(
                [f"{kind} average", "", *(f"{v:.4f}" for v in self._average(kind).values()), ""]
            )
        table = plain_table(["label", "error", "precision", "recall", "F1", self.items], rows)
        exact = 100 * self.errors("test")["test_exact_match"]
        of = f"{exact:.2f} % of {len(self.labels):,} test {self.items} have all labels right"
        return {"labels.txt": f"{of}, with the threshold {self.threshold:g}\n\n{table}\n"}

    def _average(self, kind: str) -> dict[str, float]:
        """Return precision, recall and F1, the mean over labels or over all decisions."""
        *values, _ = self._scores(kind)
        return {name: float(value) for name, value in zip(_METRICS, values, strict=True)}

    def _scores(self, average: str | None) -> Any:
        """Return precision, recall, F1 and support; of a single label none of its absence."""
        true, given = self.labels, self.predictions
        single = true.shape[1] == 1
        return sklearn.metrics.precision_recall_fscore_support(
            true.ravel() if single else true,
            given.ravel() if single else given,
            labels=[1] if single else None,
            average=average,
            zero_division=0,
        )


def evaluate_labels(
    model: keras.Model, data: Dataset, xla: bool, config: EvaluationConfig
) -> LabelReport:
    """Predict the test images, in stored order, and compare their labels.

    For durations see `runner.evaluation.timed_prediction`.
    """
    test = data.test
    return LabelReport(
        **vars(predict_timed(model, test.images, xla, config, _probabilities)),
        labels=test.labels.astype(np.int64),
        examples=test.examples,
        threshold=config.threshold,
        label_names=data.task.names,
        items=items_of(test.images),
    )


def _probabilities(model: keras.Model, images: Images, xla: bool) -> NDArray[np.float32]:
    return label_probabilities(model, outputs(model, images, xla))
