"""What the evaluation of one network gave."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.datasets.splits import Labels
from runner.evaluation.metrics import BinaryReport


@dataclass(frozen=True)
class Report:
    """Predictions of the test images beside their labels, both in stored order.

    Attributes:
        labels: true, int64 [n].
        probabilities: float32 [n, classes].
        class_errors: error rate of each class.
        binary: further measures for two classes.
        predict_seconds: duration of predicting all test images.
    """

    labels: Labels
    probabilities: NDArray[np.float32]
    class_errors: dict[str, float]
    binary: BinaryReport | None
    predict_seconds: float

    @property
    def predictions(self) -> Labels:
        """The most probable label of each image, int64 [n]."""
        labels: Labels = np.argmax(self.probabilities, axis=1)
        return labels

    @property
    def test_errors(self) -> int:
        """Number of images given a wrong label."""
        return int((self.predictions != self.labels).sum())

    @property
    def test_error(self) -> float:
        """Fraction of images given a wrong label."""
        return self.test_errors / len(self.labels)

    def numbers(self) -> dict[str, Any]:
        """Return everything but the predictions, ready for JSON."""
        return {
            "test_error": self.test_error,
            "test_errors": self.test_errors,
            "test_images": len(self.labels),
            "class_errors": self.class_errors,
            "predict_seconds": self.predict_seconds,
            "predict_images_per_second": len(self.labels) / self.predict_seconds,
        } | (asdict(self.binary) if self.binary else {})
