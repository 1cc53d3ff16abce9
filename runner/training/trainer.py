"""One configuration, compiled once and trained once per seed."""

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from runner import models
from runner.config import Config
from runner.datasets.splits import TrainSplit
from runner.device import Device
from runner.tasks import Task
from runner.training import kernels
from runner.training.history import History
from runner.training.stage import Stage
from runner.training.start import Start, load
from runner.training.state import State


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
        task: what is to be told of each image.
        device: decides between XLA (GPU) and TensorFlow's own kernels (CPU).
    """

    def __init__(
        self,
        config: Config,
        train: TrainSplit,
        validation: TrainSplit | None,
        task: Task,
        device: Device,
    ) -> None:
        loss = task.loss(config.training.loss, config.soft_targets)
        self._config = replace(config, training=replace(config.training, loss=loss))
        self._train, self._task, self._xla = train, task, device.is_gpu
        self.model = self._build(config.all_seeds[0])
        self._model_state = State(self.model.variables)
        self.stages = [Stage(self._config, self.model, train, validation, task=task, xla=self._xla)]
        self._compiled = False

    def compile(self) -> float:
        """Compile by a first call, which spoils the weights; return its duration in seconds.

        `fit` does so where it was not done before.
        """
        if self._compiled:
            return 0.0
        started = time.perf_counter()
        with kernels.fused(self.model) if self._xla else nullcontext():
            for stage in self.stages:
                stage.compile()
        self._compiled = True
        return time.perf_counter() - started

    def fit(
        self, seed: int, callbacks: list[keras.callbacks.Callback], start: Start | None = None
    ) -> Training:
        """Train from the initial weights that `seed` gives, or from what another training left.

        Raises:
            TrainingError: the loss is not a number; says in which epoch.
        """
        compile_seconds = self.compile() if self._config.training.epochs else 0.0
        self._initialise(seed, start)
        history = History()
        watch = self._watch(callbacks)
        watch.on_train_begin()
        for stage in self.stages:
            stage.fit(seed, watch, history)
        watch.on_train_end()
        return Training(self.model, history.values, history.epoch_seconds, compile_seconds)

    def start(self, path: Path) -> Start:
        """Load what a training goes on from.

        Raises:
            ConfigurationError: it is another network than this; names the first difference.
            DataError: it is no network.
        """
        start = load(path)
        start.check(self.model)
        return start

    def lacking(self, start: Start) -> str:
        """Say why the optimizer's state cannot be taken over; nothing where it can."""
        return start.lacking(self.stages[0].model.optimizer)

    def _build(self, seed: int) -> keras.Model:
        keras.utils.set_random_seed(seed)
        outputs = self._task.outputs(self._config.training.loss)
        return models.build(self._config.model, outputs, self._train, self._task.activation)

    def _initialise(self, seed: int, start: Start | None) -> None:
        if seed == self._config.all_seeds[0]:
            self._model_state.restore()
        else:
            self._model_state.copy(self._build(seed).variables)
        for stage in self.stages:
            stage.restore()
        if start is not None:
            start.give_weights(self.model)
            for stage in self.stages:
                stage.go_on(start)

    def _watch(self, callbacks: list[keras.callbacks.Callback]) -> keras.callbacks.CallbackList:
        return keras.callbacks.CallbackList(
            callbacks,
            model=self.model,
            epochs=sum(stage.epochs for stage in self.stages),
            steps=self.stages[0].steps,
        )
