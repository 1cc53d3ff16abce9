"""Weights of classes: how much the loss of an image counts, by its class."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import tf
from runner.config.run_config import Config
from runner.config.training_config import ClassWeight
from runner.datasets.splits import TrainSplit
from runner.training.steps import Step


def resolve_weights(chosen: ClassWeight, labels: Labels, names: list[str]) -> NDArray[np.float32]:
    """Return the weight of each class, float32 [classes].

    Args:
        chosen: `balanced` is n / (classes x images of the class), as scikit-learn has it; else
            weights by the names of classes, 1 where a class is left out.
        labels: of the training images, int64 [n].
        names: of the classes.
    """
    if chosen == "balanced":
        counts = np.bincount(labels, minlength=len(names))
        return (len(labels) / (len(names) * counts)).astype(np.float32)
    return np.array([chosen.get(name, 1.0) for name in names], np.float32)


def weighted(step: Step, config: Config, train: TrainSplit) -> Step:
    """Let a step of training have the weight of each item as third part of its batch, if any."""
    chosen = config.training.class_weight
    if chosen is None:
        return step
    weights = resolve_weights(chosen, train.labels, config.dataset.task().names)

    def take(batch: tuple[Any, ...]) -> None:
        images, targets = batch
        step((images, targets, _of_targets(targets, weights)))

    return take


def _of_targets(targets: Any, weights: NDArray[np.float32]) -> Any:
    """Return a weight for each target: a label, a probability of label 1, or one of each class."""
    of_class = tf.constant(weights)
    if len(targets.shape) == 1:
        return tf.gather(of_class, targets)
    if targets.shape[1] == 1:
        return of_class[0] + (of_class[1] - of_class[0]) * targets[:, 0]
    return tf.reduce_sum(targets * of_class, axis=1)
