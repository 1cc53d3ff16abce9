"""What is told of a training while it runs, beside the configured Keras callbacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runner.base.lazy import keras


class Observer:
    """Told of epochs and steps by the names of `keras.callbacks.Callback`, without importing Keras.

    Attributes:
        model: the network that is trained.
        params: `epochs` of the whole training, and `steps` of an epoch.
    """

    model: keras.Model
    params: Mapping[str, int]

    def set_model(self, model: keras.Model) -> None:
        """Hear which network is trained."""
        self.model = model

    def set_params(self, params: Mapping[str, int]) -> None:
        """Hear how long the training is."""
        self.params = params

    def on_train_begin(self, logs: Any = None) -> None:
        """Hear that training begins."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Hear that an epoch begins, numbered from 0."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Hear that steps were taken, `batch` being the last of them in this epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Hear what an epoch gave."""

    def on_train_end(self, logs: Any = None) -> None:
        """Hear that training is over."""


class Observers(Observer):
    """Several observers, or Keras callbacks, told one after another."""

    def __init__(self, observers: Iterable[Any], model: keras.Model, epochs: int, steps: int):
        self._observers = list(observers)
        for each in self._observers:
            each.set_model(model)
            each.set_params({"epochs": epochs, "steps": steps})

    def on_train_begin(self, logs: Any = None) -> None:
        """Tell all."""
        for each in self._observers:
            each.on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Tell all."""
        for each in self._observers:
            each.on_epoch_begin(epoch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell all."""
        for each in self._observers:
            each.on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell all."""
        for each in self._observers:
            each.on_epoch_end(epoch, logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Tell all."""
        for each in self._observers:
            each.on_train_end(logs)
