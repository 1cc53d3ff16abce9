"""The metric beside the loss, also of logits of sigmoids, whose threshold is 0."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from runner.base import losses
from runner.base.lazy import keras
from runner.base.tasks import Task
from runner.training.engine import Measure


def metric_of(task: Task, network: keras.Model, logits: bool) -> Any:
    """Return the metric that Keras computes for a network."""
    if task.thresholded(network.output_shape[-1]):
        metric = keras.metrics.BinaryAccuracy(task.metric, threshold=0.0 if logits else 0.5)
        # a class of ours would be saved with the network, which Keras alone could not load then
        metric.update_state = partial(_update_decided, metric.update_state)
        return metric
    return task.metric


def _update_decided(
    update: Callable[..., Any], targets: Any, outputs: Any, sample_weight: Any = None
) -> Any:
    return update(losses.decided(targets), outputs, sample_weight)


def measure_of(task: Task, logits: bool) -> Measure:
    """Return the same as a function of targets and outputs; see `Task.measure`."""

    def measure(targets: Any, outputs: Any) -> Any:
        lacking = logits and task.thresholded(outputs.shape[-1])
        return task.measure(targets, keras.ops.sigmoid(outputs) if lacking else outputs)

    return measure
