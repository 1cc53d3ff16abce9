"""What trained networks answer."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.evaluation.assessment import predicted
from runner.models import saved_networks
from runner.predict.inputs.sample import Failure, Sample
from runner.predict.prediction_task import PredictionTask
from runner.tracking.trained_network import Trained

SHOWN = 200
"""Images that are kept to be drawn."""


@dataclass(frozen=True)
class Answer:
    """What was made of one thing.

    Attributes:
        name: of what was given.
        done: to it, before the network saw it.
        probabilities: one for each class, float32; or the numbers that are told.
        truth: its label, where somebody says so.
    """

    name: str
    done: str
    probabilities: NDArray[np.float32]
    truth: int | None = None

    @property
    def label(self) -> int:
        """The most probable one."""
        return int(self.probabilities.argmax())

    @property
    def is_wrong(self) -> bool:
        """Whether somebody says that it is something else."""
        return self.truth is not None and self.truth != self.label


@dataclass
class Answers:
    """All answers, and what could not be read.

    Attributes:
        answers: in the order of what was given.
        failures: likewise.
        seen: the first images as the network got them.
    """

    answers: list[Answer] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seen: list[NDArray[np.uint8 | np.float32]] = field(default_factory=list)

    @property
    def judged(self) -> list[Answer]:
        """Those whose true class somebody says."""
        return [answer for answer in self.answers if answer.truth is not None]


def load_models(
    networks: list[Trained], task: PredictionTask, asked: Namespace
) -> list[keras.Model]:
    """Load networks, made to take raw pixels or features.

    Raises:
        RunnerError: a file holds no network, or one for other images or classes.
    """
    if networks[0].node and asked.scale:
        raise ConfigurationError(f"--scale {asked.scale}: networks of runs scale pixels themselves")
    return [_load(trained, task, asked) for trained in networks]


def _load(trained: Trained, task: PredictionTask, asked: Namespace) -> keras.Model:
    model, name = saved_networks.load_network(trained.network), trained.network.name
    shape = task.dataset.shape if task.dataset else image_shape(model)
    if not trained.node:
        model = saved_networks.taking_pixels(model, shape, asked.scale, name)
    saved_networks.check_input(model, shape, name)
    saved_networks.check_output(model, task.told, name)
    return model


def image_shape(model: keras.Model) -> tuple[int, ...]:
    """Return the shape of a network's images or rows; gray images get their one channel.

    Raises:
        ConfigurationError: it takes something else, or images of any size.
    """
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) not in {2, 3, 4} or None in shape[1:]:
        raise ConfigurationError(f"the network takes {shape}; give the --dataset it was trained on")
    return (*shape[1:], 1) if len(shape) == 3 else shape[1:]  # noqa: PLR2004


def answer(
    models: list[keras.Model],
    task: PredictionTask,
    chunks: Iterable[list[Sample | Failure]],
    xla: bool,
) -> Answers:
    """Predict everything, chunk by chunk, as the mean of the networks."""

    answers = Answers()
    for chunk in chunks:
        answers.failures += [item for item in chunk if isinstance(item, Failure)]
        samples = [item for item in chunk if isinstance(item, Sample)]
        if not samples:
            continue
        values = np.stack([sample.values for sample in samples])
        given = np.mean([predicted(model, values, task.told, xla) for model in models], axis=0)
        for sample, row in zip(samples, given, strict=True):
            truth = None if sample.truth is None else task.label(sample.truth)
            answers.answers.append(Answer(sample.name, sample.done, row, truth))
        answers.seen += list(values[: SHOWN - len(answers.seen)])
    return answers
