"""Predictions of several labels per image, and how often they are right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.config.run_config import DEFAULT_THRESHOLD
from runner.evaluation.predictions import Predictions, Probabilities


@dataclass(frozen=True)
class LabelPredictions(Predictions):
    """Probabilities and truth of every label of images, in stored order.

    Attributes:
        labels: 1 where an image has a label, otherwise 0, int64 [n, labels].
        probabilities: float32 [n, labels], each between 0 and 1; they need not add up to 1.
        threshold: probability above which an image is given a label.
    """

    threshold: float = DEFAULT_THRESHOLD

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The labels that each image is given, 0 or 1, int64 [n, labels]."""
        return decide(self.probabilities, self.threshold)

    def errors(self, split: str) -> dict[str, Any]:
        """Return the share of wrong decisions, and of images with all labels right.

        Args:
            split: of the images, test or validation; part of the names of the metrics.
        """
        errors: dict[str, Any] = {}
        for tta, probabilities in (("", self.probabilities), ("tta_", self.tta_probabilities)):
            if probabilities is not None:
                right = decide(probabilities, self.threshold) == self.labels
                errors[f"{tta}{split}_error"] = float(1 - right.mean())
                errors[f"{tta}{split}_exact_match"] = float(right.all(axis=1).mean())
        return errors | {f"{split}_images": len(self.labels)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a file of predictions, by name."""
        return super().arrays() | {"threshold": np.array(self.threshold)}

    def counts(self) -> NDArray[np.int64]:
        """Return the number of images with each label, int64 [labels]."""
        counts: NDArray[np.int64] = self.labels.sum(axis=0)
        return counts

    def averaged(
        self, probabilities: Probabilities, tta_probabilities: Probabilities | None
    ) -> LabelPredictions:
        """Return other probabilities for the same images and threshold."""
        return LabelPredictions(
            self.labels, probabilities, tta_probabilities, self.examples, self.threshold
        )


def decide(probabilities: Probabilities, threshold: float) -> NDArray[np.int64]:
    """Return 1 where a probability is above a threshold, as Keras' accuracy does; int64."""
    return (probabilities > threshold).astype(np.int64)
