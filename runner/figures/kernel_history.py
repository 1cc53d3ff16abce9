"""Keeping the first convolution's kernel while a network is trained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from runner.config.component import Component
from runner.figures.filter_evolution import filter_animation, filter_evolution
from runner.figures.filters import Kernel
from runner.figures.layer_outputs import convolutions
from runner.training.observer import Observer

_FILE = "kernels.npz"


def needed(figures: Iterable[Component]) -> bool:
    """Tell whether one of the figures shows kernels of earlier epochs."""
    return any(figure.function in (filter_evolution, filter_animation) for figure in figures)


class KeepKernels(Observer):
    """Keep the first convolution's kernel before training and after every epoch.

    Attributes:
        kernels: each [height, width, channels, filters]; none where there is no convolution.
    """

    def __init__(self) -> None:
        self.kernels: list[Kernel] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep the initial kernel."""
        self.kernels = []
        self._keep()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the kernel as it is now."""
        self._keep()

    def save(self, folder: Path) -> None:
        """Write `kernels.npz`, unless there is nothing in it."""
        if self.kernels:
            np.savez_compressed(folder / _FILE, kernels=np.stack(self.kernels))

    def _keep(self) -> None:
        for layer in convolutions(self.model)[:1]:
            self.kernels.append(np.array(layer.kernel, np.float32))


def load_kernels(folder: Path) -> list[Kernel] | None:
    """Return the kernels that a run kept in its folder, or None."""
    if not (folder / _FILE).is_file():
        return None
    with np.load(folder / _FILE, allow_pickle=False) as arrays:
        return list(arrays["kernels"])
