"""Reading of the stored predictions of a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.stored_files import reading
from runner.datasets.splits import TestSplit, TrainSplit
from runner.evaluation.label_predictions import LabelPredictions
from runner.evaluation.predictions import Predictions


def load_predictions(path: Path) -> Predictions | None:
    """Read a file of predictions; None where it is missing, or of a regression."""
    if not path.is_file():
        return None
    with reading(path), np.load(path, allow_pickle=False) as stored:
        if "probabilities" not in stored:
            return None
        tta = stored.get("tta_probabilities")
        examples = str(stored.get("examples", ""))
        known = (stored["labels"], stored["probabilities"], tta, examples)
        several = "threshold" in stored
        for probabilities in filter(lambda each: each is not None, known[1:3]):
            _check(known[0], probabilities, several)
        if several:
            return LabelPredictions(*known, float(stored["threshold"]))
        return Predictions(*known)


def are_of_others(path: Path, split: TestSplit | TrainSplit) -> bool:
    """Whether a file holds predictions of other images or rows than these."""
    if not path.is_file():
        return False
    with reading(path), np.load(path, allow_pickle=False) as stored:
        examples = str(stored.get("examples", ""))
        targets = stored["targets" if "targets" in stored else "labels"]
        return bool(examples and examples != split.examples) or not np.array_equal(
            targets, split.targets
        )


def _check(labels: NDArray[Any], probabilities: NDArray[Any], several: bool) -> None:
    """Raise ValueError where there are not a target and a row of probabilities for each image."""
    targets = probabilities.shape if several else probabilities.shape[:1]
    kinds = labels.dtype.kind in "if" if several else labels.dtype.kind == "i"
    if not kinds or probabilities.dtype.kind != "f" or labels.shape != targets:
        raise ValueError(
            f"expected labels {'[n, labels]' if several else '[n], whole,'} and probabilities [n, "
            f"outputs], got {labels.dtype} {labels.shape} and {probabilities.dtype} "
            f"{probabilities.shape}"
        )
    if probabilities.ndim != 2 or not probabilities.size:  # noqa: PLR2004
        raise ValueError(f"expected probabilities [n, outputs], got {probabilities.shape}")
