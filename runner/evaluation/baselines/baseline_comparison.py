"""Learners beside the network whose features they are given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from runner.base.array_types import Labels
from runner.base.lazy import keras
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_checks import check_learners, check_memory
from runner.evaluation.baselines.fitting import Fitted, fit, timed
from runner.evaluation.baselines.layer_features import PIXELS, Features
from runner.training.augmentation.geometry import SHIFTS

Working = Callable[[str], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Comparison:
    """What learners made of the features of one trained network.

    Attributes:
        features: their layer and number, that of the training images, and how long these took.
        learners: numbers of each learner, by its name.
        predictions: of each learner for the test images, and the true `labels`; empty where these
            stay untouched.
    """

    features: dict[str, Any]
    learners: dict[str, dict[str, Any]]
    predictions: dict[str, Labels] = field(default_factory=dict)

    def numbers(self) -> dict[str, Any]:
        """Return what becomes part of `report.json`; fractions for errors, seconds for times."""
        return {"features": self.features, "learners": self.learners}

    def save(self, folder: Path) -> None:
        """Write the predictions to `learners.npz`."""
        if self.predictions:
            given: dict[str, Any] = dict(self.predictions)
            np.savez_compressed(folder / "learners.npz", **given)


class Learners:
    """The learners of a configuration, compared for each seed.

    Args:
        config: of the run.
        model: the network, trained or not; the layer is looked for in it.
        data: learners are fitted on its training images, and predict the test images once.
        xla: whether XLA compiles the features.

    Raises:
        ConfigurationError: there is no such layer, what it gives does not fit in memory, or a
            learner cannot be fitted on the training images.
    """

    def __init__(self, config: Config, model: keras.Model, data: Dataset, xla: bool) -> None:
        self._config, self._data, self._xla = config, data, xla
        self._shifts = any(one.options["shifts"] for one in config.learners.values())
        self._known: tuple[keras.Model, Features] | None = None
        self._same_for_all: Comparison | None = None
        if config.learners:
            check_learners(config, len(data.train))
            features = self._of(model)
            images = len(data.train) * (len(SHIFTS) if self._shifts else 1)
            check_memory(features.layer, features.count, images)

    def compare(self, model: keras.Model, seed: int, working: Working) -> Comparison | None:
        """Fit every learner on a trained network's features; None where there are no learners.

        Learners of pixels that leave nothing to chance are fitted for the first seed alone.

        Args:
            model: the trained network.
            seed: of what learners draw at random.
            working: shows a text until what it returns is closed.
        """
        if not self._config.learners:
            return None
        if self._same_for_all is not None:
            return self._same_for_all
        features = self._of(model)
        learners = {name: make(seed) for name, make in self._config.learners.items()}
        with working(f"features of {features.layer}"):
            features(self._data.train.images[:1])  # compiles, which is not timed
            values, seconds = timed(lambda: features(self._data.train.images, self._shifts))
        fitted = {}
        for name, learner in learners.items():
            with working(f"{name}: fitting on {features.count:,} features"):
                fitted[name] = fit(learner, values, self._data.train.labels, seed)
        of = {"layer": features.layer, "count": features.count}
        of |= {"images": len(self._data.train), "seconds": seconds}
        comparison = Comparison(of, {name: one.numbers() for name, one in fitted.items()})
        with working("predictions of the learners"):
            judge(comparison, fitted, features, self._data, self._config.evaluation.test)
        if features.layer == PIXELS and not any(learner.draws for learner in learners.values()):
            self._same_for_all = comparison
        return comparison

    def _of(self, model: keras.Model) -> Features:
        """Return a network's features, compiled once for all seeds that train the same object."""
        if self._known is None or self._known[0] is not model:
            layer = self._config.features.layer
            self._known = model, Features(model, layer, self._data.train, self._xla)
        return self._known[1]


def judge(
    comparison: Comparison,
    fitted: dict[str, Fitted],
    features: Features,
    data: Dataset,
    evaluate_test: bool,
) -> None:
    """Add to a comparison what fitted learners make of validation and test images, each once."""
    if data.validation is not None:
        values = features(data.validation.images)
        for name, one in fitted.items():
            wrong = one.estimator.predict(values) != data.validation.labels
            comparison.learners[name]["validation_error"] = float(wrong.mean())
    if not evaluate_test:
        return
    values = features(data.test.images)
    comparison.predictions["labels"] = data.test.labels
    for name, one in fitted.items():
        given, seconds = timed(partial(one.estimator.predict, values))
        wrong = given != data.test.labels
        comparison.learners[name] |= {
            "test_error": float(wrong.mean()),
            "test_errors": int(wrong.sum()),
            "predict_seconds": seconds,
        }
        comparison.predictions[name] = given
