"""The report of the evaluation of one classification network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.option_types import Items
from runner.evaluation.binary_metrics import BinaryReport
from runner.evaluation.class_metrics import ClassMetrics, as_text, macro_averages, weighted_averages
from runner.evaluation.predictions import Predictions


@dataclass(frozen=True, kw_only=True)
class Report(Predictions):
    """Predictions of the test images, and their metrics.

    Attributes:
        class_names: one for each label.
        classes: precision, recall, F1 and number of images of each class that has test images.
        binary: metrics of two classes, if both have test images; otherwise None.
        predict_seconds: duration of the prediction of all test images.
        tta_predict_seconds: duration of the prediction of all their views, or None.
        items: what is classified.
    """

    class_names: list[str]
    classes: dict[str, ClassMetrics]
    binary: BinaryReport | None
    predict_seconds: float
    tta_predict_seconds: float | None = None
    items: Items = "images"

    @property
    def predicted(self) -> NDArray[np.float32]:
        """The output of the network: `probabilities`, float32 [n, classes]."""
        return self.probabilities

    @property
    def test_errors(self) -> int:
        """Number of misclassified images."""
        return int((self.predictions != self.labels).sum())

    @property
    def test_error(self) -> float:
        """Fraction of misclassified images."""
        return self.test_errors / len(self.labels)

    @property
    def class_errors(self) -> dict[str, float]:
        """Fraction of misclassified images of each class."""
        return {name: 1 - metrics.recall for name, metrics in self.classes.items()}

    def metrics(self) -> dict[str, Any]:
        """Return the metrics for `report.json`."""
        return {
            **self.errors("test"),
            "class_errors": self.class_errors,
            "classes": {name: asdict(one) for name, one in self.classes.items()},
            "macro": macro_averages(self.classes),
            "weighted": weighted_averages(self.classes),
            "predict_seconds": self.predict_seconds,
            "predict_images_per_second": len(self.labels) / self.predict_seconds,
            **self._tta_seconds(),
        } | (asdict(self.binary) if self.binary else {})

    def texts(self) -> dict[str, str]:
        """Return text files for people: content by file name."""
        return {"classes.txt": self.text()}

    def text(self) -> str:
        """Return the metrics of each class and the confusion matrix, for people."""
        return as_text(self.classes, self.labels, self.predictions, self.class_names, self.items)

    def _tta_seconds(self) -> dict[str, float]:
        seconds = self.tta_predict_seconds
        return {} if seconds is None else {"tta_predict_seconds": seconds}
