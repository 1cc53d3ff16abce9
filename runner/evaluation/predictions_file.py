"""Reading of the stored predictions of a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runner.base.stored_files import reading
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
        if "threshold" in stored:
            return LabelPredictions(*known, float(stored["threshold"]))
        return Predictions(*known)
