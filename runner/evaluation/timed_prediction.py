"""Predictions of test images, with views averaged if that is asked for, and their durations."""

from __future__ import annotations

import time
from dataclasses import dataclass

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.config.run_config import EvaluationConfig
from runner.evaluation.predictions import Probabilities
from runner.evaluation.probabilities import predict_probabilities
from runner.evaluation.tta import Predict, average_views


@dataclass(frozen=True)
class TimedPrediction:
    """Probabilities, and how long a network took for them.

    Attributes:
        probabilities: float32 [n, classes].
        tta_probabilities: averaged over views of each image, or None.
        predict_seconds: from images in host memory to probabilities in host memory, compiled.
        tta_predict_seconds: the same for all views, or None.
    """

    probabilities: Probabilities
    tta_probabilities: Probabilities | None
    predict_seconds: float
    tta_predict_seconds: float | None


def predict_timed(
    model: keras.Model,
    images: Images,
    xla: bool,
    config: EvaluationConfig,
    predict: Predict = predict_probabilities,
) -> TimedPrediction:
    """Predict images after a first one, which compiles.

    Args:
        model: the network.
        images: uint8 [n, height, width, channels], or rows, float32 [n, features].
        xla: whether XLA compiles the network.
        config: the views that are averaged, if any.
        predict: returns the probabilities of images, from the network, images and `xla`.
    """
    first = predict(model, images[:1], xla)
    if config.tta:
        average_views(model, images[:1], first, config, xla, predict=predict)
    started = time.perf_counter()
    values = predict(model, images, xla)
    seconds = time.perf_counter() - started
    if not config.tta:
        return TimedPrediction(values, None, seconds, None)
    averaged = average_views(model, images, values, config, xla, predict=predict)
    return TimedPrediction(values, averaged, seconds, time.perf_counter() - started)
