"""Distillation (Hinton et al. 2015): a network also learns what trained ones give, its teachers.

The target of an item becomes a mean of the target itself and of what the teachers give for the same
image, as the augmentation has changed it. So the network learns which classes an image resembles,
and what becomes of it where it is changed beyond recognition. Where the teacher is of the same kind
as the network, these are born-again networks (Furlanello et al. 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras, tf
from runner.base.option_types import Loss
from runner.base.tasks import Task
from runner.config.run_config import Config
from runner.models.layers import gives_logits
from runner.models.saved_networks import giving_probabilities, load_network
from runner.training.augmentation import Augmentation, chain_augmentations
from runner.training.inference import fusing


def change_of_batches(
    config: Config, teachers: Sequence[Path], student: keras.Model, task: Task, xla: bool
) -> Augmentation:
    """Return what is done with each batch before it is fitted on: augmentation, then teachers.

    Args:
        config: of the run; the loss is resolved.
        teachers: files of their networks, where it has any.
        student: the network that is trained.
        task: what is learned.
        xla: whether XLA compiles the steps.
    """
    change = chain_augmentations(config.augmentation.values())
    chosen = config.training.distillation
    if chosen.teacher is None or not config.training.trains:
        return change
    networks = load_teachers(teachers, student, task, config.training.loss)
    return taught(change, networks, chosen.weight, task, xla)


def load_teachers(
    paths: Sequence[Path], student: keras.Model, task: Task, loss: Loss
) -> list[keras.Model]:
    """Load the networks that another one is to learn from.

    A cross-entropy is of probabilities: where a last layer is linear, as networks from elsewhere
    have it that give logits, softmax or sigmoid follow.

    Raises:
        ConfigurationError: one takes other inputs than the student, or gives other outputs.
        DataError: one is no network.
    """
    teachers = [load_network(path) for path in paths]
    for teacher in teachers:
        _check_shapes(teacher, student)
    if loss == "mean_squared_error":
        return teachers
    return [giving_probabilities(teacher, task) for teacher in teachers]


def taught(
    change: Augmentation, teachers: Sequence[keras.Model], weight: float, task: Task, xla: bool
) -> Augmentation:
    """Return an augmentation with the mean of its targets and of what teachers give.

    Args:
        change: of images and targets, before the teachers see them.
        teachers: what they give is averaged.
        weight: of what they give, 0 .. 1; the targets have the rest.
        task: what is learned.
        xla: whether XLA compiles the steps.
    """

    def apply(images: Any, targets: Any, version: Any, seed: Any) -> tuple[Any, Any]:
        images, targets = change.apply(images, targets, version, seed)
        given = [_given(teacher, images, task, xla) for teacher in teachers]
        mean = tf.add_n(given) / len(given)
        return images, (1.0 - weight) * tf.cast(targets, tf.float32) + weight * mean

    return replace(change, apply=apply, mixes_targets=True)


def _given(teacher: keras.Model, images: Any, task: Task, xla: bool) -> Any:
    """Return probabilities, or values of a regression, float32 [n, outputs]."""
    with fusing(teacher, xla):
        outputs = tf.cast(teacher(images, training=False), tf.float32)
    if not gives_logits(teacher):
        return outputs
    return tf.sigmoid(outputs) if task.thresholded(outputs.shape[-1]) else tf.nn.softmax(outputs)


def _check_shapes(teacher: keras.Model, student: keras.Model) -> None:
    several = [f"{len(teacher.inputs)} inputs", f"{len(teacher.outputs)} outputs"]
    if several != ["1 inputs", "1 outputs"]:
        raise ConfigurationError(
            f"training.distillation: the teacher has {' and '.join(several)}; choose one that has "
            "one of each"
        )
    there, here = _shapes(teacher), _shapes(student)
    if there != here:
        raise ConfigurationError(
            f"training.distillation: the teacher takes {there[0]} and gives {there[1]} values, "
            f"the network here takes {here[0]} and gives {here[1]}; choose a teacher of the "
            "same data and loss"
        )


def _shapes(network: keras.Model) -> tuple[tuple[int, ...], str]:
    """Return the shape of an input, and that of an output, `10` or `7x10`."""
    return tuple(network.input_shape[1:]), "x".join(map(str, network.output_shape[1:]))
