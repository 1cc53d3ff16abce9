"""The checkpoint of a training: all that it needs to go on as if it had never been stopped.

Order of the images and augmentation are functions of seed and epoch; everything else that the next
epochs depend on is in the variables of the network (dropout's random numbers among them) and of its
optimizer, in the callbacks, and in the history.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from runner.base.errors import DataError
from runner.base.stored_files import reading
from runner.training.callback_state import Arrays, pack_state, unpack_state
from runner.training.checkpoint_file import Checkpoint
from runner.training.feature_cache import Say, silently
from runner.training.observer import History, Observer

_SECONDS = 60  # in a minute


class Checkpoints:
    """The writing of a training's checkpoint every few minutes, and the going on from it.

    A training that lasted so long has one of its last epoch, too: then nothing is lost, and nothing
    is trained twice, where its network cannot be written or the evaluation is interrupted.

    Args:
        path: of the file; None keeps nothing.
        minutes: between two checkpoints; None writes none.
        fingerprint: of the training: a checkpoint of another one is not used.
        say: tells people what the training goes on from, as `print` would.

    Attributes:
        stopped: whether callbacks had stopped the present stage before it was interrupted.
    """

    def __init__(
        self,
        path: Path | None = None,
        minutes: float | None = None,
        fingerprint: str = "",
        say: Say = silently,
    ) -> None:
        self._path, self._minutes, self._fingerprint = path, minutes, fingerprint
        self._say = say
        self._found = self._read()
        self._stage, self._saved = -1, self.epochs
        self.stopped = False

    @property
    def epochs(self) -> int:
        """Number of epochs that the training goes on after."""
        return len(self._found.epoch_seconds) if self._found else 0

    def begin(self, history: History, observers: Observer) -> int:
        """Give history and observers what an interrupted training left them.

        Returns:
            the number of stages that were finished.
        """
        self._history, self._observers = history, observers
        self._written = time.monotonic()
        if self._found is None:
            return 0
        history.values.update(self._found.values)
        history.epoch_seconds += self._found.epoch_seconds
        self._stage = self._found.stage - 1
        with TemporaryDirectory() as folder:
            for name, content in self._found.files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.tobytes())
            observers.go_on(Path(folder), history)
        self._say(f"goes on   from {self._path}, after {history.epochs} epochs")
        return self._found.stage

    def enter(self, history: History, variables: Sequence[Any], callbacks: Sequence[Any]) -> int:
        """Begin the next stage, or go on in that which was interrupted.

        Args:
            history: of the training.
            variables: of its network and its optimizer.
            callbacks: of Keras, after `on_train_begin`.

        Returns:
            the number of the epoch that the stage begins with, or began.

        Raises:
            DataError: the checkpoint was changed: it does not fit the network or the callbacks.
        """
        self._variables, self._callbacks = variables, callbacks
        self._stage += 1
        found, self._found = self._found, None
        self.stopped = found is not None and found.stopped
        if found is None:
            self._first = history.epochs
            return self._first
        assert self._path is not None
        with reading(self._path):
            for variable, value in zip(variables, found.variables, strict=True):
                variable.assign(value)
            for callback, state in zip(callbacks, found.callbacks, strict=True):
                unpack_state(callback, state, found.arrays)
        self._first = found.first
        return self._first

    def epoch_ended(self) -> None:
        """Write a checkpoint, if there was none for so many minutes.

        Where that is impossible, as on a full disk, it is said, and the training goes on.
        """
        if self._path is None or self._minutes is None:
            return
        if time.monotonic() - self._written >= self._minutes * _SECONDS:
            self._write(self._path)

    def stage_ended(self, *, stopped: bool) -> None:
        """Write the last epoch of a stage, too, if there is a checkpoint, which gives its place.

        Args:
            stopped: whether callbacks stopped the stage.
        """
        if self._path is None or self._minutes is None or self._saved == self._history.epochs:
            return
        if self._path.is_file():
            self.stopped = stopped
            self._write(self._path)

    def _write(self, path: Path) -> None:
        try:
            self._now().write(path)
            self._saved = self._history.epochs
        except OSError as error:
            self._say(f"note: no checkpoint could be written: {error}; the training goes on")
        self._written = time.monotonic()

    def _now(self) -> Checkpoint:
        arrays: Arrays = []
        callbacks = [pack_state(callback, arrays) for callback in self._callbacks]
        with TemporaryDirectory() as folder:
            self._observers.keep(Path(folder))
            paths = [path for path in Path(folder).rglob("*") if path.is_file()]
            files = {
                path.relative_to(folder).as_posix(): np.fromfile(path, np.uint8) for path in paths
            }
        return Checkpoint(
            fingerprint=self._fingerprint,
            stage=self._stage,
            first=self._first,
            stopped=self.stopped,
            values=self._history.values,
            epoch_seconds=self._history.epoch_seconds,
            callbacks=callbacks,
            arrays=arrays,
            variables=[np.asarray(variable.numpy()) for variable in self._variables],
            files=files,
        )

    def _read(self) -> Checkpoint | None:
        """Return the checkpoint that is there; say why where it is not used."""
        if self._path is None or not self._path.is_file():
            return None
        try:
            found = Checkpoint.read(self._path)
        except DataError:
            self._say(
                f"note: {self._path} is damaged, or was written by another version of the program: "
                "the training starts anew"
            )
            return None
        if found.fingerprint != self._fingerprint:
            self._say(
                f"note: {self._path} is of other data, another configuration, or another version "
                "of the program or its libraries: the training starts anew"
            )
            return None
        return found
