"""A phase of training: a network compiled with its optimizer, and the loops over its data."""

from __future__ import annotations

import copy
import math
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from runner.base import losses
from runner.base.array_types import Images
from runner.base.compat import leave_gradients, rate_of, replace_rate
from runner.base.errors import ConfigurationError, TrainingError
from runner.base.lazy import keras, tf
from runner.base.tasks import Task
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.training import augmentation, conv_pool_fusion
from runner.training.observer import History, Observer
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
        task: what is learned.
        xla: whether XLA compiles the steps.
        thaw: makes those layers trainable that this stage trains, and no others.
        rate: the key that the learning rate is configured by.

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
        task: Task,
        xla: bool,
        thaw: Callable[[], None] = lambda: None,
        rate: str = "optimizer.learning_rate",
    ) -> None:
        thaw()
        self._thaw, self._rate = thaw, rate
        self._config, self._task, self._xla = config, task, xla
        train, *validation = splits
        self.model, self.network, self.epochs = model, network, config.training.epochs
        change = augmentation.chain_augmentations(config.augmentation.values())
        per_epoch = -(-len(train) * change.copies // config.training.batch_size)
        self._schedule = config.schedule(per_epoch, self.epochs)
        self._compile(network, self._optimizer())
        self._optimizer_state = State(network.optimizer.variables)
        self._reset_metrics = tf.function(network.reset_metrics)
        self._training = self._steps(network.train_step, self._training_metrics, train, change)
        plain, metrics = augmentation.chain_augmentations([]), network.get_metrics_result
        self._validation = [self._steps(network.test_step, metrics, s, plain) for s in validation]

    @property
    def steps(self) -> int:
        """Number of gradient steps in an epoch."""
        return self._training.steps

    def compile(self) -> None:
        """Compile by a first call, which spoils the weights."""
        self._thaw()
        with conv_pool_fusion.fused(self.network) if self._xla else nullcontext():
            for steps in [self._training, *self._validation]:
                steps.compile()

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

    def fit(
        self,
        seed: int,
        configured: list[keras.callbacks.Callback],
        watch: Observer,
        history: History,
    ) -> None:
        """Train from the weights as they are, until the last epoch or a callback stops it.

        Args:
            seed: of the order of the images, augmentation and dropout.
            configured: callbacks of the whole training, which each stage begins and ends.
            watch: called at epochs and steps beside the configured callbacks.
            history: goes on with what this stage gives.

        Raises:
            TrainingError: the loss is not a number; says in which epoch.
        """
        self._begin()
        own = self._own(configured)
        own.on_train_begin()
        for epoch in range(history.epochs, history.epochs + self.epochs):
            started = time.perf_counter()
            for each in (own, watch):
                each.on_epoch_begin(epoch)
            logs = self.epoch(epoch, seed, own, watch)
            seconds = time.perf_counter() - started
            for each in (own, watch):
                each.on_epoch_end(epoch, logs)
            history.add(logs, seconds)
            if self.model.stop_training:
                break
        if self.epochs:
            self.network.optimizer.finalize_variable_values(self.network.trainable_variables)
        own.on_train_end()

    def epoch(
        self, epoch: int, seed: int, *watching: keras.callbacks.CallbackList | Observer
    ) -> dict[str, float]:
        """Take every step of one epoch, numbered from 0, and return its metrics.

        Batches and augmentation are those of its number among all epochs, earlier trainings'
        included.
        """
        steps = self._training
        number = epoch + int(self._steps_before.numpy()) // steps.steps
        generator = np.random.default_rng([seed, number])
        order = generator.permutation(np.arange(steps.items, dtype=np.int32))
        self._reset_metrics()
        logs: dict[str, float] = {}
        for done, logs in steps.run(order, seed, first_step=number * steps.steps):
            if not math.isfinite(logs["loss"]):
                raise TrainingError(
                    f"the loss is {logs['loss']} in epoch {epoch + 1}; try a smaller {self._rate}"
                )
            for each in watching:
                each.on_train_batch_end(done - 1, logs)
        return logs | self._validate(seed)

    def _begin(self) -> None:
        """Let the whole network be stopped, saved and slowed down as the one that is trained."""
        self._thaw()
        self.model.stop_training = False
        if self.model is not self.network:
            self._compile(self.model, self.network.optimizer)

    def _optimizer(self) -> Any:
        rates: list[float] = []

        def rate(learning_rate: float) -> Any:
            rates.append(learning_rate)
            return self._schedule.rate(learning_rate)

        optimizer = self._config.optimizer(replace(self._schedule, rate=rate))
        if not rates:
            name = self._config.optimizer.function.__name__
            raise ConfigurationError(
                f"optimizer={name} ignores its schedule: pass it schedule.rate(learning_rate)"
            )
        optimizer.build(self.network.trainable_variables)
        leave_gradients(optimizer)
        self._shift(optimizer)
        return optimizer

    def _compile(self, network: keras.Model, optimizer: Any) -> None:
        settings = self._config.training
        loss = losses.loss_function(settings.loss, settings.label_smoothing)
        network.compile(optimizer, loss, metrics=[self._task.metric], jit_compile=False)

    def _shift(self, optimizer: Any) -> None:
        """Let a schedule over steps begin where this training does, not the optimizer's first."""
        before = keras.Variable(0, dtype=optimizer.iterations.dtype, trainable=False)
        schedule = rate_of(optimizer)
        if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
            replace_rate(optimizer, lambda: schedule(optimizer.iterations - before))
        self._steps_before = before

    def _steps(
        self, step: Step, metrics: Metrics, split: TrainSplit, change: augmentation.Augmentation
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
        )

    def _own(self, configured: list[keras.callbacks.Callback]) -> keras.callbacks.CallbackList:
        return keras.callbacks.CallbackList(
            [*copy.deepcopy(self._schedule.callbacks), *configured],
            model=self.model,
            epochs=self.epochs,
            steps=self.steps,
        )

    def _validate(self, seed: int) -> dict[str, float]:
        measured: dict[str, float] = {}
        for steps in self._validation:
            self._reset_metrics()
            order = np.arange(steps.items, dtype=np.int32)
            *_, (_, logs) = steps.run(order, seed, first_step=0)
            measured |= {f"val_{name}": value for name, value in logs.items()}
        return measured

    def _training_metrics(self) -> dict[str, Any]:
        measured: dict[str, Any] = self.network.get_metrics_result()
        return measured | {"learning_rate": tf.identity(self.network.optimizer.learning_rate)}
