"""Callbacks that end the process or the job they run in, named by `_target_` in tests."""

import os
import signal
from typing import Any

import keras


class _At(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, action: Any) -> None:
        super().__init__()
        self._action = action

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._action()


def harmless(seed: int) -> keras.callbacks.Callback:
    return _At(lambda: None)


def kill(seed: int) -> keras.callbacks.Callback:
    return _At(lambda: os.kill(os.getpid(), signal.SIGKILL))


def run_out_of_memory(seed: int) -> keras.callbacks.Callback:
    def fail() -> None:
        raise MemoryError("no 3 GB left")

    return _At(fail)
