"""The fitting of baselines, which see the features of training images and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.errors import ConfigurationError
from runner.config.run_config import BaselineConfig
from runner.evaluation.baselines.estimators import Classifier
from runner.evaluation.baselines.layer_features import FeatureMatrix

T = TypeVar("T")


@dataclass(frozen=True)
class Fitted:
    """A baseline that is fitted.

    Attributes:
        estimator: scikit-learn's.
        images: number of training images it was fitted on.
        items: the same, with their shifts where these are used too.
        seconds: duration.
    """

    estimator: Classifier
    images: int
    items: int
    seconds: float

    def numbers(self) -> dict[str, Any]:
        """Return what becomes part of `report.json`."""
        return {
            "train_images": self.images,
            "train_items": self.items,
            "fit_seconds": self.seconds,
        }


def fit_baseline(
    config: BaselineConfig, values: FeatureMatrix, labels: Labels, seed: int
) -> Fitted:
    """Fit a baseline.

    Args:
        config: of it.
        values: features of all training images, and below them those of their shifts, if any.
        labels: of the training images.
        seed: of the estimator, and of the drawing of images where it does not take all.
    """
    estimator = config.estimator(seed)
    rows = sample(labels, config.train_size or len(labels), seed)
    versions = len(values) // len(labels) if config.shifts else 1
    chosen = np.concatenate([rows + version * len(labels) for version in range(versions)])
    x, y = values[chosen], np.tile(labels[rows], versions)
    _, seconds = timed(lambda: estimator.fit(x, y))
    return Fitted(estimator, len(rows), len(y), seconds)


@contextmanager
def naming_errors(name: str) -> Iterator[None]:
    """Turn what an estimator refuses into an error with the key of its baseline.

    Raises:
        ConfigurationError: it refuses.
    """
    try:
        yield
    except ValueError as error:
        raise ConfigurationError(f"baselines.{name}: {' '.join(str(error).split())}") from error


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
