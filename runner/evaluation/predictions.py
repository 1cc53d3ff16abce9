"""Predictions of a network for labeled images, stored in the files of a run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.binomial import wilson_interval
from runner.evaluation.regression_metrics import measure_regression

Probabilities = NDArray[np.float32]

FILES = {"test": "predictions.npz", "validation": "validation.npz"}
"""File of the predictions of each split."""


@dataclass(frozen=True)
class Predictions:
    """Probabilities and true labels of images, in stored order.

    Attributes:
        labels: true, int64 [n].
        probabilities: float32 [n, classes].
        tta_probabilities: the same, averaged over several views of each image, or None.
        examples: hash of the images and their order; see `runner.datasets.loader`.
    """

    labels: NDArray[np.int64]
    probabilities: Probabilities
    tta_probabilities: Probabilities | None = None
    examples: str = ""

    def of_same_images(self, other: Predictions) -> bool:
        """Return whether the images are the same, in the same order, at whatever size."""
        same = np.array_equal(self.labels, other.labels)
        return same and self.examples == other.examples

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The most probable label of each image, int64 [n]."""
        return _most_probable(self.probabilities)

    def errors(self, split: str) -> dict[str, Any]:
        """Return fraction and number of misclassified images, and Wilson's 95 % interval.

        They go into `report.json`.

        Args:
            split: of the images, test or validation; part of the names of the metrics.
        """
        errors: dict[str, Any] = {}
        for tta, probabilities in (("", self.probabilities), ("tta_", self.tta_probabilities)):
            if probabilities is not None:
                wrong = int((_most_probable(probabilities) != self.labels).sum())
                low, high = wilson_interval(wrong, len(self.labels))
                errors[f"{tta}{split}_error"] = wrong / len(self.labels)
                errors[f"{tta}{split}_errors"] = wrong
                errors[f"{tta}{split}_error_ci95_low"] = low
                errors[f"{tta}{split}_error_ci95_high"] = high
        return errors | {f"{split}_images": len(self.labels)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a file of predictions, by name."""
        tta = self.tta_probabilities
        return {
            "labels": self.labels,
            "predictions": self.predictions,
            "probabilities": self.probabilities,
            "examples": np.array(self.examples),
            **({} if tta is None else {"tta_probabilities": tta}),
        }

    def counts(self) -> NDArray[np.int64]:
        """Return the number of images of each class, int64 [classes]."""
        return np.bincount(self.labels, minlength=self.probabilities.shape[1])

    def averaged(
        self, probabilities: Probabilities, tta_probabilities: Probabilities | None
    ) -> Predictions:
        """Return other probabilities for the same images."""
        return Predictions(self.labels, probabilities, tta_probabilities, self.examples)


@dataclass(frozen=True)
class RegressionPredictions:
    """Predicted and true values of rows, in stored order.

    Attributes:
        targets: true, float32 [n, outputs].
        predictions: float32 [n, outputs].
    """

    targets: NDArray[np.float32]
    predictions: NDArray[np.float32]

    def errors(self, split: str) -> dict[str, Any]:
        """Return the errors over all outputs, for `report.json`; `split` is part of their names."""
        metrics = asdict(measure_regression(self.targets, self.predictions))
        named = {f"{split}_{name}": value for name, value in metrics.items()}
        return named | {f"{split}_images": len(self.targets)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a file of predictions, by name."""
        return {"targets": self.targets, "predictions": self.predictions}


AnyPredictions = Predictions | RegressionPredictions


def positive_scores(probabilities: Probabilities) -> NDArray[np.float64]:
    """Return a score of label 1 for each image, from 0 to 1, float64 [n].

    It is 1/2 + (p1 - p0) / 2, thus above 1/2 exactly where label 1 is the more probable one. Where
    both probabilities add up to 1 it is p1; those of two sigmoid units need not.

    Args:
        probabilities: of label 0 and label 1, float32 [n, 2].
    """
    negative, positive = probabilities.astype(np.float64).T
    return np.asarray(0.5 + (positive - negative) / 2)


def _most_probable(probabilities: Probabilities) -> NDArray[np.int64]:
    labels: NDArray[np.int64] = np.argmax(probabilities, axis=1)
    return labels
