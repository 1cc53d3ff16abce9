"""Fitting of baselines, on the features of training images alone."""

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
from runner.config.entries import BaselineConfig
from runner.evaluation.baselines.estimators import Classifier
from runner.evaluation.baselines.layer_features import FeatureMatrix

T = TypeVar("T")


@dataclass(frozen=True)
class Fitted:
    """A fitted baseline.

    Attributes:
        estimator: scikit-learn's.
        images: number of training images it was fitted on.
        items: the same, with the shifted copies counted too.
        seconds: duration of the fit.
    """

    estimator: Classifier
    images: int
    items: int
    seconds: float

    def metrics(self) -> dict[str, Any]:
        """Return its part of `report.json`."""
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
        config: of the baseline.
        values: features of all n training images, float32 [n, features], followed by those of
            their shifted copies, if any, [5 n, features].
        labels: of the training images, int64 [n].
        seed: of the estimator, and of the sample of images with `train_size`.
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
    """Turn a ValueError of an estimator into an error with the key of its baseline.

    Raises:
        ConfigurationError: the estimator raised ValueError.
    """
    try:
        yield
    except ValueError as error:
        raise ConfigurationError(f"baselines.{name}: {' '.join(str(error).split())}") from error


def sample(labels: Labels, count: int, seed: int) -> NDArray[np.intp]:
    """Draw a stratified sample in which every class occurs.

    Args:
        labels: int64 [n].
        count: size of the sample; all labels where there are fewer.
        seed: of the drawing.

    Returns:
        indices of the sample, ascending.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    rank = np.empty(len(labels))  # of each label within its class, from 0 to 1
    for label in np.unique(labels):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members)) / len(members)
    return np.sort(order[np.argsort(rank[order], kind="stable")[:count]])


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """Return the result of a call, and its duration in seconds."""
    started = time.perf_counter()
    returned = call()
    return returned, time.perf_counter() - started
