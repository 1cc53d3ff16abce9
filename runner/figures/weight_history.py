"""Recorder of all weights of a small network, epoch by epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from runner.base.atomic_files import replacing
from runner.base.lazy import keras
from runner.figures.training_recorder import Recorder

FILE = "weight-history.npz"

_MOST_WEIGHTS, _MOST_EPOCHS = 20_000, 200


class WeightHistory(Recorder):
    """Recorder of all weights, before training and after every epoch, or every second, fourth, ...

    Attributes:
        epochs: numbers of the recorded ones, 0 being before training.
        weights: of each of them, in the order of `get_weights`; none of networks with more than
            20 000.
    """

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.weights: list[list[NDArray[np.float32]]] = []
        self._step = 1

    def on_train_begin(self, logs: Any = None) -> None:
        """Record the initial weights."""
        self._record(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the weights as they are now."""
        self._record(epoch + 1)

    def save(self, folder: Path) -> None:
        """Write `weight-history.npz`, unless the network was too large."""
        if not self.weights:
            return
        arrays: dict[str, Any] = {
            str(number): np.stack(values)
            for number, values in enumerate(zip(*self.weights, strict=True))
        }
        with replacing(folder / FILE) as part:
            np.savez_compressed(part, allow_pickle=False, epochs=self.epochs, **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """Read `weight-history.npz`; None where there is none."""
        if not (folder / FILE).is_file():
            return None
        history = cls()
        with np.load(folder / FILE, allow_pickle=False) as stored:
            history.epochs = stored["epochs"].tolist()
            arrays = [stored[str(number)] for number in range(len(stored.files) - 1)]
        history.weights = [list(values) for values in zip(*arrays, strict=True)]
        steps = np.diff(history.epochs[:2])
        history._step = int(steps[0]) if steps.size else 1
        return history

    def restore(self, model: keras.Model, epoch: int) -> int:
        """Give a network the weights of the last recorded epoch up to this one; return that."""
        number = max(int(np.searchsorted(self.epochs, epoch, side="right")) - 1, 0)
        model.set_weights(self.weights[number])
        return self.epochs[number]

    def _record(self, epoch: int) -> None:
        if self.model.count_params() > _MOST_WEIGHTS or epoch % self._step:
            return
        self.epochs.append(epoch)
        self.weights.append([np.array(value) for value in self.model.get_weights()])
        if len(self.epochs) > _MOST_EPOCHS:
            self.epochs, self.weights = self.epochs[::2], self.weights[::2]
            self._step *= 2
