"""Fitting: baselines see the training images' features and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.evaluation.baselines.estimators import Baseline
from runner.evaluation.baselines.layer_features import FeatureMatrix

T = TypeVar("T")


@dataclass(frozen=True)
class Fitted:
    """A baseline that is fitted.

    Attributes:
        estimator: scikit-learn's.
        images: number of training images it was fitted on.
        items: the same, with their shifts where these were given too.
        seconds: duration.
    """

    estimator: Any
    images: int
    items: int
    seconds: float

    def metrics(self) -> dict[str, Any]:
        """Return what becomes part of `report.json`."""
        return {
            "train_images": self.images,
            "train_items": self.items,
            "fit_seconds": self.seconds,
        }


def fit_baseline(baseline: Baseline, values: FeatureMatrix, labels: Labels, seed: int) -> Fitted:
    """Fit a baseline.

    Args:
        baseline: not fitted yet.
        values: features of all training images, and below them those of their shifts, if any.
        labels: of the training images.
        seed: of the drawing of images where the baseline does not take all.
    """
    rows = sample(labels, baseline.train_size or len(labels), seed)
    versions = len(values) // len(labels) if baseline.shifts else 1
    chosen = np.concatenate([rows + version * len(labels) for version in range(versions)])
    x, y = values[chosen], np.tile(labels[rows], versions)
    _, seconds = timed(lambda: baseline.estimator.fit(x, y))
    return Fitted(baseline.estimator, len(rows), len(y), seconds)


def sample(labels: Labels, count: int, seed: int) -> NDArray[np.intp]:
    """Return the places of so many labels, in stored order; classes in proportion, none left out.

    Where there are not so many, of all.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    place = np.empty(len(labels))  # of each label within its class, 0 .. 1
    for label in np.unique(labels):
        own = order[labels[order] == label]
        place[own] = np.arange(len(own)) / len(own)
    return np.sort(order[np.argsort(place[order], kind="stable")[:count]])


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call returns, and its duration in seconds."""
    started = time.perf_counter()
    returned = call()
    return returned, time.perf_counter() - started
