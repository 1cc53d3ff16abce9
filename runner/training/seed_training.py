"""The training of one seed while it runs, alone or beside others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.base.errors import TrainingError
from runner.base.lazy import keras
from runner.training.checkpoint import Checkpoints
from runner.training.engine import Engine
from runner.training.observer import History, Observer


@dataclass
class SeedTraining:
    """The training of one seed.

    Attributes:
        seed: of the order of the images, augmentation and dropout.
        callbacks: configured, of the whole training; each stage begins and ends them.
        watch: called at epochs and steps beside them.
        history: goes on from stage to stage.
        checkpoints: written at the ends of epochs; an interrupted training goes on from its own.
        finished_stages: number of those that an interrupted training had behind it.
        fills: whether it only fills a place among seeds that are trained at once.
        error: why the training ended early, if it did.
    """

    seed: int
    callbacks: list[keras.callbacks.Callback] = field(default_factory=list)
    watch: Observer = field(default_factory=Observer)
    history: History = field(default_factory=History)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    finished_stages: int = 0
    fills: bool = False
    error: TrainingError | None = None


class Slot:
    """One stage of the training of one seed, and its place in the engine.

    Args:
        number: of the place.
        training: of the seed.
        engine: that takes the steps.
        model: the whole network, which callbacks see.
        network: the same, or one that shares the layers to be trained.
        callbacks: of this stage.
    """

    def __init__(
        self,
        number: int,
        training: SeedTraining,
        *,
        engine: Engine,
        model: keras.Model,
        network: keras.Model,
        callbacks: keras.callbacks.CallbackList,
    ) -> None:
        self.number, self.training = number, training
        self._engine, self._model, self._network = engine, model, network
        self._callbacks = callbacks
        self._stopped = self._over = False

    def begin(self) -> int:
        """Begin the callbacks, or go on with them; return the first epoch of the stage."""
        self._call("on_train_begin")
        training, callbacks = self.training, self._callbacks.callbacks
        variables = [*self._model.variables, *self._network.optimizer.variables]
        interrupted = training.checkpoints.epochs > 0
        if interrupted:
            self._engine.load(self.number)
        first = training.checkpoints.enter(training.history, variables, callbacks)
        if interrupted:
            self._engine.store(self.number)
        self._over = training.checkpoints.stopped
        return first

    def goes_on(self) -> bool:
        """Return whether epochs follow; a stage that callbacks had stopped before ends here."""
        if self._over:
            self._stopped = True
            self.end()
        return not self._over

    def begin_epoch(self, epoch: int) -> None:
        """Say that an epoch begins, numbered from 0."""
        self._call("on_epoch_begin", epoch)
        self.training.watch.on_epoch_begin(epoch)

    def end_steps(self, epoch: int, step: int, logs: Mapping[str, float], rate: str) -> None:
        """Say that steps were taken, `step` being the last of them.

        A loss that is no number ends the training with an error, which names the key of the rate.
        """
        if not math.isfinite(logs["loss"]):
            one = f"seed {self.training.seed}: " if self._engine.seeds > 1 else ""
            self.training.error = TrainingError(
                f"{one}the loss is {logs['loss']} in epoch {epoch + 1}; try a smaller {rate}"
            )
            return
        self._call("on_train_batch_end", step, logs)
        self.training.watch.on_train_batch_end(step, logs)

    def end_epoch(self, epoch: int, logs: dict[str, float], seconds: float) -> bool:
        """Say what an epoch gave; return whether another one follows."""
        if self.training.error is not None:
            return False
        if not self._call("on_epoch_end", epoch, logs):
            self._engine.load(self.number)
        self.training.watch.on_epoch_end(epoch, logs)
        self.training.history.add(logs, seconds)
        if self._stopped:
            self.end()
        else:
            self.training.checkpoints.epoch_ended()
        return not self._stopped

    def end(self) -> None:
        """End the callbacks, with averaged weights if the optimizer averages them."""
        self._engine.load(self.number)
        self.training.checkpoints.stage_ended(stopped=self._stopped)
        optimizer = self._network.optimizer
        if self.training.history.epochs:
            optimizer.finalize_variable_values(self._network.trainable_variables)
        if self._callbacks.callbacks:
            self._callbacks.on_train_end()
        self._engine.keep(self.number)

    def _call(self, event: str, *args: Any) -> bool:
        """Call the callbacks, if there are any, with the network of the seed."""
        if not self._callbacks.callbacks:
            return False
        self._engine.load(self.number)
        self._model.stop_training = self._stopped
        getattr(self._callbacks, event)(*args)
        self._stopped = self._model.stop_training
        self._engine.store(self.number)
        return True
