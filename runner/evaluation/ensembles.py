"""Ensembles: the averaged probabilities of several networks, and their errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runner.evaluation.predictions import AnyPredictions, Predictions, Probabilities

FEWEST = 2
"""Smallest number of networks in an ensemble."""


def average_predictions(members: Sequence[Predictions]) -> Predictions:
    """Average the predictions of networks for the same images, with equal weights.

    Predictions over views are averaged too, if all members have them.

    Raises:
        ValueError: the members' images differ.
    """
    first = members[0]
    if not all(member.of_same_images(first) for member in members):
        raise ValueError("the members of an ensemble need predictions of the same images")
    views = [m.tta_probabilities for m in members if m.tta_probabilities is not None]
    return first.averaged(
        _mean([member.probabilities for member in members]),
        _mean(views) if len(views) == len(members) else None,
    )


def measure_ensemble(members: Mapping[str, Sequence[AnyPredictions | None]]) -> dict[str, Any]:
    """Return the errors of an ensemble, ready for JSON.

    Args:
        members: for each split, test and validation, the predictions of each network, or None for
            missing ones; a split with missing predictions, or with those of a regression, has no
            errors.

    Returns:
        number of networks and errors of the ensemble; empty if no split has any.
    """
    errors: dict[str, Any] = {}
    for split, predictions in members.items():
        usable = [one for one in predictions if isinstance(one, Predictions)]
        if len(usable) == len(predictions) >= FEWEST:
            errors |= {"networks": len(usable)} | average_predictions(usable).errors(split)
    return errors


def _mean(probabilities: Sequence[Probabilities]) -> Probabilities:
    return np.asarray(np.mean(probabilities, axis=0, dtype=np.float64), np.float32)
