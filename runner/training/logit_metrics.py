"""The metric beside the loss, also of logits of sigmoids, whose threshold is 0."""

from __future__ import annotations

from typing import Any

from runner.base.lazy import keras
from runner.base.tasks import Task
from runner.training.engine import Measure


def metric_of(task: Task, network: keras.Model, logits: bool) -> Any:
    """Return the metric that Keras computes for a network."""
    if task.thresholded(network.output_shape[-1]):
        return keras.metrics.BinaryAccuracy(task.metric, threshold=0.0 if logits else 0.5)
    return task.metric


def measure_of(task: Task, logits: bool) -> Measure:
    """Return the same as a function of targets and outputs; see `Task.measure`."""

    def measure(targets: Any, outputs: Any) -> Any:
        lacking = logits and task.thresholded(outputs.shape[-1])
        return task.measure(targets, keras.ops.sigmoid(outputs) if lacking else outputs)

    return measure
