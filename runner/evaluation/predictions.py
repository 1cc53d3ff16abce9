"""What networks gave for images whose labels are known, kept so that it need not be asked again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.stored_files import reading
from runner.evaluation.regression_metrics import measure_regression

Probabilities = NDArray[np.float32]

FILES = {"test": "predictions.npz", "validation": "validation.npz"}


@dataclass(frozen=True)
class Predictions:
    """Probabilities of images beside their labels, both in stored order.

    Attributes:
        labels: true, int64 [n].
        probabilities: float32 [n, classes].
        tta_probabilities: the same, averaged over several views of each image, or None.
        examples: identity of the images and their order; see `runner.datasets.loader`.
    """

    labels: NDArray[np.int64]
    probabilities: Probabilities
    tta_probabilities: Probabilities | None = None
    examples: str = ""

    def of_same_images(self, other: Predictions) -> bool:
        """Tell whether the images are the same, in the same order, whatever their size was."""
        same = np.array_equal(self.labels, other.labels)
        return same and self.examples == other.examples

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The most probable label of each image, int64 [n]."""
        return _most_probable(self.probabilities)

    def errors(self, split: str) -> dict[str, Any]:
        """Return fractions and numbers of images given a wrong label, ready for JSON.

        Args:
            split: that the images are of, test or validation; part of the names.
        """
        measured: dict[str, Any] = {}
        for tta, given in (("", self.probabilities), ("tta_", self.tta_probabilities)):
            if given is not None:
                wrong = int((_most_probable(given) != self.labels).sum())
                measured[f"{tta}{split}_error"] = wrong / len(self.labels)
                measured[f"{tta}{split}_errors"] = wrong
        return measured | {f"{split}_images": len(self.labels)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a file of predictions holds, by name."""
        tta = self.tta_probabilities
        return {
            "labels": self.labels,
            "predictions": self.predictions,
            "probabilities": self.probabilities,
            "examples": np.array(self.examples),
            **({} if tta is None else {"tta_probabilities": tta}),
        }


@dataclass(frozen=True)
class RegressionPredictions:
    """Numbers told of rows beside the true ones, both in stored order.

    Attributes:
        targets: true, float32 [n, outputs].
        predictions: float32 [n, outputs].
    """

    targets: NDArray[np.float32]
    predictions: NDArray[np.float32]

    def errors(self, split: str) -> dict[str, Any]:
        """Return how far all outputs are off, ready for JSON; `split` is part of the names."""
        measured = asdict(measure_regression(self.targets, self.predictions))
        named = {f"{split}_{name}": value for name, value in measured.items()}
        return named | {f"{split}_images": len(self.targets)}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a file of predictions holds, by name."""
        return {"targets": self.targets, "predictions": self.predictions}


AnyPredictions = Predictions | RegressionPredictions


def load_predictions(path: Path) -> Predictions | None:
    """Read a file of predictions; None where there is none, or not of classes."""
    if not path.is_file():
        return None
    with reading(path), np.load(path, allow_pickle=False) as kept:
        if "probabilities" not in kept:
            return None
        tta = kept.get("tta_probabilities")
        examples = str(kept.get("examples", ""))
        return Predictions(kept["labels"], kept["probabilities"], tta, examples)


def positive_scores(probabilities: Probabilities) -> NDArray[np.float64]:
    """Return how much each image looks like label 1, from 0 to 1, float64 [n].

    Above 1/2 exactly where label 1 is the more probable one of both. It is the probability of label
    1, or, of two sigmoid units, which need not add up to 1, half of how far label 1 is ahead,
    plus 1/2.
    """
    negative, positive = probabilities.astype(np.float64).T
    return np.asarray(0.5 + (positive - negative) / 2)


def _most_probable(probabilities: Probabilities) -> NDArray[np.int64]:
    labels: NDArray[np.int64] = np.argmax(probabilities, axis=1)
    return labels
