"""Ensembles: several networks answer by the average of their probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runner.evaluation.predictions import AnyPredictions, Predictions, Probabilities

FEWEST = 2


def average_predictions(members: Sequence[Predictions]) -> Predictions:
    """Average what networks gave for the same images; each network counts the same.

    Views are averaged too where all members have them.

    Raises:
        ValueError: the members' images differ.
    """
    first = members[0]
    if not all(member.of_same_images(first) for member in members):
        raise ValueError("networks of an ensemble must have been asked about the same images")
    views = [m.tta_probabilities for m in members if m.tta_probabilities is not None]
    return Predictions(
        first.labels,
        _mean([member.probabilities for member in members]),
        _mean(views) if len(views) == len(members) else None,
        first.examples,
    )


def measure_ensemble(members: Mapping[str, Sequence[AnyPredictions | None]]) -> dict[str, Any]:
    """Return the errors of an ensemble, ready for JSON.

    Args:
        members: for each split, test and validation, what each network gave, or None for one whose
            predictions are not there; then, and of numbers, there is nothing to say of the split.

    Returns:
        number of networks and their errors together; nothing where none can be measured.
    """
    errors: dict[str, Any] = {}
    for split, given in members.items():
        known = [predictions for predictions in given if isinstance(predictions, Predictions)]
        if len(known) == len(given) >= FEWEST:
            errors |= {"networks": len(known)} | average_predictions(known).errors(split)
    return errors


def _mean(probabilities: Sequence[Probabilities]) -> Probabilities:
    return np.asarray(np.mean(probabilities, axis=0, dtype=np.float64), np.float32)
