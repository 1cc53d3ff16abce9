"""A phase of training: a network compiled with its optimizer, and the loops over its data."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.base.tasks import Task
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.training.augmentation import Augmentation, chain_augmentations
from runner.training.class_weights import weighted
from runner.training.engine import Engine, SingleSeed
from runner.training.epoch_order import EpochOrder
from runner.training.logit_metrics import metric_of
from runner.training.scheduled_optimizer import scheduled_optimizer
from runner.training.seed_stack import loss_of, stacked_engine
from runner.training.seed_training import SeedTraining, Slot
from runner.training.stacked_variables import StackedVariables
from runner.training.steps import Metrics, Step, Steps
from runner.training.warm_start import Start, State

STREAMED_STEPS = 50
"""Steps in one call where an epoch is not one call: on a CPU, or for streamed data."""


class Stage:
    """One compilation of a network: what is trained, how, and on what.

    Args:
        config: of the run; the loss is resolved.
        model: the whole network, which callbacks see and which is saved.
        network: the same, or one that shares the layers to be trained.
        splits: images, or features as `network` takes them: those to fit on, and where there are
            some those watched after each epoch.
        change: of the batches that are fitted on.
        task: what is learned.
        xla: whether XLA compiles the steps.
        thaw: makes those layers trainable that this stage trains, and no others.
        rate: the key that the learning rate is configured by.
        seeds: that are trained at once.
        stacked: whether their variables are stacked, as several seeds need.

    Raises:
        ConfigurationError: the optimizer does not take its learning rate from the schedule.
    """

    def __init__(
        self,
        config: Config,
        model: keras.Model,
        network: keras.Model,
        splits: list[TrainSplit],
        *,
        change: Augmentation,
        task: Task,
        xla: bool,
        thaw: Callable[[], None] = lambda: None,
        rate: str = "optimizer.learning_rate",
        seeds: int = 1,
        stacked: bool = False,
    ) -> None:
        thaw()
        self._thaw, self._rate = thaw, rate
        self._config, self._task, self._xla = config, task, xla
        train, *validation = splits
        self.model, self.network, self.epochs = model, network, config.training.epochs
        settings = config.training
        one_pass = -(-len(train) * change.copies // settings.batch_size)
        self._schedule = config.schedule(settings.steps_per_epoch or one_pass, self.epochs)
        self._steps_before = keras.Variable(0, dtype="int", trainable=False)
        self._compile(network, self._optimizer(network.trainable_variables))
        self._optimizer_state = State(network.optimizer.variables)
        self.engine = self._engine(seeds, stacked, train)
        training = weighted(self.engine.train_step, config, train), self.engine.training_metrics
        self._training = self._steps(*training, train, change, settings.steps_per_epoch)
        self._order = EpochOrder(self._training.versions, self._training.items)
        plain = chain_augmentations([])
        testing = self.engine.test_step, self.engine.test_metrics
        self._validation = [self._steps(*testing, split, plain) for split in validation]

    @property
    def steps(self) -> int:
        """Number of gradient steps in an epoch."""
        return self._training.steps

    def compile(self) -> None:
        """Compile by a first call, which spoils the weights."""
        self._thaw()
        for steps in [self._training, *self._validation]:
            steps.compile(self.engine.seeds)

    def use(self, images: list[Images]) -> None:
        """Go on with other training and validation images, of the same number and shape."""
        for steps, new in zip([self._training, *self._validation], images, strict=True):
            steps.use(new)

    def restore(self) -> None:
        """Give the optimizer the state it had before any training."""
        self._optimizer_state.restore()
        self._steps_before.assign(0)

    def go_on(self, start: Start) -> None:
        """Give the optimizer the state that a training left, if it can take it over.

        The learning rate's schedule starts anew; the order of the images, augmentation and dropout
        go on as if the epochs before had been of this training.
        """
        if not start.lacking(self.network.optimizer):
            start.give_state(self.model, self.network.optimizer)
            self._steps_before.assign(start.steps)

    def fit(self, trainings: Sequence[SeedTraining]) -> None:
        """Train from the weights as they are, until the last epoch or until callbacks stop.

        Args:
            trainings: one for each seed of the engine. One whose loss is not a number ends with
                an error; the others go on.
        """
        self._begin()
        slots = [self._slot(number, training) for number, training in enumerate(trainings)]
        first = max([slot.begin() for slot in slots])
        slots = [slot for slot in slots if slot.goes_on()]
        for epoch in range(max(t.history.epochs for t in trainings), first + self.epochs):
            if all(slot.training.fills for slot in slots):
                break
            started = time.perf_counter()
            for slot in slots:
                slot.begin_epoch(epoch)
            logs = self.epoch(epoch, [training.seed for training in trainings], slots)
            seconds = (time.perf_counter() - started) / len(trainings)
            slots = [slot for slot in slots if slot.end_epoch(epoch, logs[slot.number], seconds)]
        for slot in slots:
            slot.end()

    def epoch(
        self, epoch: int, seeds: Sequence[int], slots: Sequence[Slot] = ()
    ) -> list[dict[str, float]]:
        """Take every step of one epoch, numbered from 0, and return the metrics of each seed.

        Batches and augmentation are those of its number among all epochs, earlier trainings'
        included.

        Args:
            epoch: its number.
            seeds: of the engine.
            slots: that hear of the steps; without a number as its loss, nothing follows for them.
        """
        steps = self._training
        number = epoch + int(self._steps_before.numpy()) // steps.steps
        order = self._order.draw(seeds, number)
        self.engine.reset_metrics()
        logs: list[dict[str, float]] = []
        for done, logs in steps.run(order, seeds, first_step=number * steps.steps):
            for slot in slots:
                slot.end_steps(epoch, done - 1, logs[slot.number], self._rate)
            if slots and all(slot.training.error for slot in slots):
                return logs
        return [one | more for one, more in zip(logs, self._validate(seeds), strict=True)]

    def _slot(self, number: int, training: SeedTraining) -> Slot:
        return Slot(
            number,
            training,
            engine=self.engine,
            model=self.model,
            network=self.network,
            callbacks=self._own(training.callbacks),
        )

    def _begin(self) -> None:
        """Let the whole network be stopped, saved and slowed down as the one that is trained."""
        self._thaw()
        self.model.stop_training = False
        if self.model is not self.network:
            self._compile(self.model, self.network.optimizer)

    def _engine(self, seeds: int, stacked: bool, train: TrainSplit) -> Engine:
        targets = self._task.encode(train.targets[:1], self._config.training.loss)
        if not stacked:
            return SingleSeed(self.network, self._xla, targets)
        return stacked_engine(
            self.network,
            StackedVariables(self.network, self._optimizer, seeds, self._xla),
            seeds=seeds,
            task=self._task,
            config=self._config,
            targets=targets,
        )

    def _optimizer(self, variables: list[Any]) -> Any:
        return scheduled_optimizer(self._config, self._schedule, self._steps_before, variables)

    def _compile(self, network: keras.Model, optimizer: Any) -> None:
        metric = metric_of(self._task, network, self._config.logits)
        network.compile(optimizer, loss_of(self._config), metrics=[metric], jit_compile=False)

    def _steps(
        self,
        step: Step,
        metrics: Metrics,
        split: TrainSplit,
        change: Augmentation,
        steps_per_epoch: int | None = None,
    ) -> Steps:
        settings = self._config.training
        resident = split.images.nbytes <= settings.device_data_gb * 1e9
        whole_epoch = self._xla and resident
        return Steps(
            step,
            metrics,
            split.images,
            self._task.encode(split.targets, settings.loss),
            augmentation=change,
            batch_size=settings.batch_size,
            steps_per_call=sys.maxsize if whole_epoch else STREAMED_STEPS,
            xla=self._xla,
            resident=resident,
            steps_per_epoch=steps_per_epoch,
        )

    def _own(self, configured: list[keras.callbacks.Callback]) -> keras.callbacks.CallbackList:
        return keras.callbacks.CallbackList(
            [*copy.deepcopy(self._schedule.callbacks), *configured],
            model=self.model,
            epochs=self.epochs,
            steps=self.steps,
        )

    def _validate(self, seeds: Sequence[int]) -> list[dict[str, float]]:
        measured: list[dict[str, float]] = [{} for _ in seeds]
        for steps in self._validation:
            self.engine.reset_metrics()
            order = np.tile(np.arange(steps.items, dtype=np.int32), (len(seeds), 1))
            *_, (_, logs) = steps.run(order, seeds, first_step=0)
            for one, values in zip(measured, logs, strict=True):
                one |= {f"val_{name}": value for name, value in values.items()}
        return measured
