"""The comparison of a network with classical baselines on the features of one of its layers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from runner.base.array_types import Labels
from runner.base.atomic_files import replacing
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.config.checks import check_baselines
from runner.config.entries import VERSIONS_WITH_SHIFTS, BaselineConfig
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_table import BEFORE, features_text
from runner.evaluation.baselines.fitting import Fitted, fit_baseline, naming_errors, timed
from runner.evaluation.baselines.layer_features import PIXELS, LayerFeatures

Working = Callable[[str], AbstractContextManager[Any]]


@dataclass(frozen=True)
class BaselineComparison:
    """Metrics and predictions of baselines on the features of one trained network.

    Attributes:
        features: layer and number of the features, number of training images, and the seconds that
            their features took.
        baselines: metrics of each baseline, by its name.
        predictions: labels, int64 [n], that each baseline predicts for the test images, and the
            true `labels`; empty with `evaluation.test=false`.
    """

    features: dict[str, Any]
    baselines: dict[str, dict[str, Any]]
    predictions: dict[str, Labels] = field(default_factory=dict)

    def metrics(self) -> dict[str, Any]:
        """Return the metrics for `report.json`: errors as fractions, times in seconds."""
        return {"features": self.features, "learners": self.baselines}

    def save(self, folder: Path) -> None:
        """Write the predictions to `baselines.npz`."""
        if self.predictions:
            arrays: dict[str, Any] = dict(self.predictions)
            with replacing(folder / "baselines.npz") as part:
                np.savez_compressed(part, **arrays)


class Baselines:
    """The baselines of a configuration, compared with the network of each seed.

    Args:
        config: of the run.
        model: the network, trained or not; it must have the configured layer.
        data: baselines are fitted on its training images, and predict the test images once.
        xla: whether XLA compiles the features.
        earlier: what an initial network had been trained on before, for people; None is nothing.

    Raises:
        ConfigurationError: there is no such layer, its features do not fit in memory, or a
            baseline cannot be fitted on the training images.
    """

    def __init__(
        self,
        config: Config,
        model: keras.Model,
        data: Dataset,
        xla: bool,
        earlier: str | None = None,
    ) -> None:
        self._config, self._data, self._xla = config, data, xla
        items = f"{len(data.train):,} {config.dataset.items} of {data.name}"
        own = items if config.training.trains else None
        self._trained_on = BEFORE.join(filter(None, (own, earlier))) or "nothing"
        self._shifts = any(one.shifts for one in config.baselines.values())
        self._compiled: tuple[keras.Model, LayerFeatures] | None = None
        self._same_for_all: BaselineComparison | None = None
        if config.baselines:
            check_baselines(config, len(data.train))
            features = self._layer_features(model)
            images = len(data.train) * (VERSIONS_WITH_SHIFTS if self._shifts else 1)
            check_memory(features.layer, features.count, images)

    def compare(self, model: keras.Model, seed: int, working: Working) -> BaselineComparison | None:
        """Fit every baseline on the features of a trained network; None without baselines.

        On pixels they are fitted for the first seed alone, unless one of them is random.

        Args:
            model: the trained network.
            seed: of the random choices of the baselines.
            working: shows a text while the returned context is open.
        """
        if not self._config.baselines:
            return None
        if self._same_for_all is not None:
            return self._same_for_all
        features = self._layer_features(model)
        with working(f"features of {features.layer}"):
            features(self._data.train.images[:1])  # compiles, which is not timed
            values, seconds = timed(lambda: features(self._data.train.images, self._shifts))
        fitted = {}
        for name, baseline in self._config.baselines.items():
            what = f"{name}: fitting on {features_text(features.count)}"
            with working(what), naming_errors(name):
                fitted[name] = fit_baseline(baseline, values, self._data.train.labels, seed)
        description = {"layer": features.layer, "count": features.count}
        description |= {"images": len(self._data.train), "seconds": seconds}
        description["network_trained_on"] = self._trained_on
        comparison = BaselineComparison(
            description, {name: one.metrics() for name, one in fitted.items()}
        )
        with working("predictions of the baselines"):
            evaluate_baselines(
                comparison, fitted, features, self._data, self._config.evaluation.test
            )
        if features.layer == PIXELS and not any(
            _is_random(config, fitted[name]) for name, config in self._config.baselines.items()
        ):
            self._same_for_all = comparison
        return comparison

    def _layer_features(self, model: keras.Model) -> LayerFeatures:
        """Return the features of a network, compiled once for seeds that train the same object."""
        if self._compiled is None or self._compiled[0] is not model:
            layer = self._config.features.layer
            self._compiled = model, LayerFeatures(model, layer, self._data.train, self._xla)
        return self._compiled[1]


def evaluate_baselines(
    comparison: BaselineComparison,
    fitted: dict[str, Fitted],
    features: LayerFeatures,
    data: Dataset,
    evaluate_test: bool,
) -> None:
    """Predict validation and test images, each once, and add the results to `comparison`."""
    if data.validation is not None:
        values = features(data.validation.images)
        for name, one in fitted.items():
            with naming_errors(name):
                wrong = one.estimator.predict(values) != data.validation.labels
            comparison.baselines[name]["validation_error"] = float(wrong.mean())
    if not evaluate_test:
        return
    values = features(data.test.images)
    comparison.predictions["labels"] = data.test.labels
    for name, one in fitted.items():
        with naming_errors(name):
            predicted, seconds = timed(partial(one.estimator.predict, values))
        wrong = predicted != data.test.labels
        comparison.baselines[name] |= {
            "test_error": float(wrong.mean()),
            "test_errors": int(wrong.sum()),
            "predict_seconds": seconds,
        }
        comparison.predictions[name] = predicted


def check_memory(layer: str, values: int, images: int) -> None:
    """Raise ConfigurationError where the features of so many images do not fit in memory.

    Args:
        layer: of the features.
        values: number of features of one image.
        images: number of images, shifted ones included.
    """
    gigabytes, free = 4e-9 * values * images, 1e-9 * psutil.virtual_memory().available
    if 2 * gigabytes > free:  # once as they are, once as a baseline takes them
        raise ConfigurationError(
            f"features.layer={layer}: {values:,} values of {images:,} images are {gigabytes:.1f} "
            f"GB, twice; {free:.1f} GB are free. Choose a later layer, or dataset.train_size"
        )


def _is_random(config: BaselineConfig, fitted: Fitted) -> bool:
    """Return whether the baseline depends on the seed."""
    parameters = fitted.estimator.get_params()
    return config.train_size is not None or any(
        value is not None for name, value in parameters.items() if name.endswith("random_state")
    )
