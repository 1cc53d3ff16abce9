"""Observers of a training while it runs, and the history of its epochs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
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

    def keep(self, folder: Path) -> None:
        """Write what is needed to go on after an interruption into a folder of this observer."""

    def go_on(self, folder: Path, history: History) -> None:
        """Take over what `keep` has written, after `on_train_begin`.

        Args:
            folder: with what it has written.
            history: of the epochs before the interruption.
        """


class Observers(Observer):
    """Several observers, or Keras callbacks, called one after another."""

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

    def keep(self, folder: Path) -> None:
        """Let each observer write into a folder of its own; Keras callbacks are left out."""
        for each, own in self._folders(folder):
            own.mkdir()
            each.keep(own)

    def go_on(self, folder: Path, history: History) -> None:
        """Let each observer go on."""
        for each, own in self._folders(folder):
            each.go_on(own, history)

    def _folders(self, folder: Path) -> Iterator[tuple[Observer, Path]]:
        for number, each in enumerate(self._observers):
            if isinstance(each, Observer):
                yield each, folder / str(number)


@dataclass
class History:
    """Numbers of the epochs so far.

    Attributes:
        values: for each quantity (loss, accuracy, val_..., learning_rate) one value per epoch.
        epoch_seconds: duration of each epoch, validation included, compilation not.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    epoch_seconds: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return len(self.epoch_seconds)

    def fill(self, name: str, value: float) -> None:
        """Give the epochs that have no value of a quantity yet this one."""
        values = self.values.setdefault(name, [])
        values += [value] * (self.epochs - len(values))

    def add(self, logs: Mapping[str, float], seconds: float) -> None:
        """Add what an epoch gave and how long it took."""
        for name, value in logs.items():
            self.values.setdefault(name, []).append(float(value))
        self.epoch_seconds.append(seconds)
