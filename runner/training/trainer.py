"""One configuration, compiled once and trained once per seed."""

import copy
import math
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from runner import augmentation, losses, models
from runner.config import Config
from runner.datasets.splits import TrainSplit
from runner.device import Device
from runner.errors import TrainingError
from runner.training import kernels
from runner.training.state import State
from runner.training.steps import Metrics, Step, Steps

STREAMED_STEPS = 50
"""Steps in one call where an epoch is not one call: on a CPU, or for streamed data."""


@dataclass(frozen=True)
class Training:
    """What one training gave.

    Attributes:
        model: the trained network.
        history: for each quantity (loss, accuracy, val_..., learning_rate) one value per epoch.
        epoch_seconds: duration of each epoch, validation included, compilation not.
        compile_seconds: duration of the compilation before the first epoch; 0 where an earlier
            seed had already paid for it.
    """

    model: keras.Model
    history: dict[str, list[float]]
    epoch_seconds: list[float]
    compile_seconds: float

    @property
    def train_seconds(self) -> float:
        """Duration of all epochs, without compilation."""
        return sum(self.epoch_seconds, 0.0)


class Trainer:
    """One configuration, compiled once and trained once per seed.

    Args:
        config: of the run.
        train: images to fit on.
        validation: images watched after each epoch, or None.
        classes: number of classes.
        device: decides between XLA (GPU) and TensorFlow's own kernels (CPU).
    """

    def __init__(
        self,
        config: Config,
        train: TrainSplit,
        validation: TrainSplit | None,
        classes: int,
        device: Device,
    ) -> None:
        self._config, self._train, self._classes = config, train, classes
        self._xla = device.is_gpu
        settings = config.training
        self.loss = losses.resolve(settings.loss, classes, config.soft_targets)
        self.model = self._build(config.all_seeds[0])
        self._model_state = State(self.model.variables)
        change = augmentation.combine(config.augmentation.values())
        per_epoch = -(-len(train) * change.copies // settings.batch_size)
        self._schedule = config.schedule(per_epoch, settings.epochs)
        self._compile()
        self._optimizer_state = State(self.model.optimizer.variables)
        self._reset_metrics = tf.function(self.model.reset_metrics)
        self._training = self._steps(self.model.train_step, self._training_metrics, train, change)
        self._validation = None
        if validation is not None:
            plain, metrics = augmentation.combine([]), self.model.get_metrics_result
            self._validation = self._steps(self.model.test_step, metrics, validation, plain)
        self._compiled = False

    @property
    def steps(self) -> int:
        """Number of gradient steps in an epoch."""
        return self._training.steps

    def compile(self) -> float:
        """Compile by a first call, which spoils the weights; return its duration in seconds.

        `fit` does so where it was not done before.
        """
        if self._compiled:
            return 0.0
        started = time.perf_counter()
        with kernels.fused(self.model) if self._xla else nullcontext():
            for steps in filter(None, [self._training, self._validation]):
                steps.compile()
        self._compiled = True
        return time.perf_counter() - started

    def fit(self, seed: int, callbacks: list[keras.callbacks.Callback]) -> Training:
        """Train from the initial weights that `seed` gives.

        Raises:
            TrainingError: the loss is not a number; says in which epoch.
        """
        compile_seconds = self.compile() if self._config.training.epochs else 0.0
        self._initialise(seed)
        epoch_seconds: list[float] = []
        watch = self._watch(seed, callbacks)
        watch.on_train_begin()
        for epoch in range(self._config.training.epochs):
            started = time.perf_counter()
            watch.on_epoch_begin(epoch)
            logs = self.epoch(epoch, seed, watch)
            epoch_seconds.append(time.perf_counter() - started)
            watch.on_epoch_end(epoch, logs)
            if self.model.stop_training:
                break
        if epoch_seconds:
            self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        watch.on_train_end()
        history = {name: list(map(float, v)) for name, v in self.model.history.history.items()}
        return Training(self.model, history, epoch_seconds, compile_seconds)

    def epoch(self, epoch: int, seed: int, watch: keras.callbacks.CallbackList) -> dict[str, float]:
        """Take every step of one epoch, numbered from 0, and return its metrics."""
        steps = self._training
        generator = np.random.default_rng([seed, epoch])
        order = generator.permutation(np.arange(steps.items, dtype=np.int32))
        self._reset_metrics()
        logs: dict[str, float] = {}
        for done, logs in steps.run(order, seed, first_step=epoch * steps.steps):
            if not math.isfinite(logs["loss"]):
                raise TrainingError(
                    f"the loss is {logs['loss']} in epoch {epoch + 1}; try a smaller "
                    "optimizer.learning_rate"
                )
            watch.on_train_batch_end(done - 1, logs)
        return logs | self._validate(seed)

    def _build(self, seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        outputs = losses.outputs(self.loss, self._classes)
        return models.build(self._config.model, outputs, self._train)

    def _compile(self) -> None:
        optimizer = self._config.optimizer(self._schedule)
        optimizer.build(self.model.trainable_variables)
        # One device has no replicas to sum over, and TensorFlow would keep the sum's own gradient,
        # and with it every graph that was ever traced, until the process ends.
        optimizer._all_reduce_sum_gradients = lambda pairs: pairs
        loss = losses.function(self.loss, self._config.training.label_smoothing)
        self.model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)

    def _steps(
        self, step: Step, metrics: Metrics, split: TrainSplit, change: augmentation.Augmentation
    ) -> Steps:
        resident = split.images.nbytes <= self._config.training.device_data_gb * 1e9
        whole_epoch = self._xla and resident
        return Steps(
            step,
            metrics,
            split.images,
            losses.targets(split.labels, self.loss, self._classes),
            augmentation=change,
            batch_size=self._config.training.batch_size,
            steps_per_call=sys.maxsize if whole_epoch else STREAMED_STEPS,
            xla=self._xla,
            resident=resident,
        )

    def _initialise(self, seed: int) -> None:
        if seed == self._config.all_seeds[0]:
            self._model_state.restore()
        else:
            self._model_state.copy(self._build(seed).variables)
        self._optimizer_state.restore()
        self.model.stop_training = False

    def _watch(
        self, seed: int, callbacks: list[keras.callbacks.Callback]
    ) -> keras.callbacks.CallbackList:
        configured = [component(seed) for component in self._config.callbacks.values()]
        return keras.callbacks.CallbackList(
            [*copy.deepcopy(self._schedule.callbacks), *configured, *callbacks],
            add_history=True,
            model=self.model,
            epochs=self._config.training.epochs,
            steps=self.steps,
        )

    def _validate(self, seed: int) -> dict[str, float]:
        if self._validation is None:
            return {}
        self._reset_metrics()
        order = np.arange(self._validation.items, dtype=np.int32)
        *_, (_, logs) = self._validation.run(order, seed, first_step=0)
        return {f"val_{name}": value for name, value in logs.items()}

    def _training_metrics(self) -> dict[str, Any]:
        measured: dict[str, Any] = self.model.get_metrics_result()
        return measured | {"learning_rate": tf.identity(self.model.optimizer.learning_rate)}
