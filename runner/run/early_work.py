"""What is done beside the compilation of a training, for what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from importlib import import_module
from threading import Thread

from runner.base.device import Device
from runner.base.lazy import keras
from runner.datasets.splits import Dataset
from runner.figures.figure_worker import MEASURING, PRELOADED
from runner.figures.figure_workers import FigureWorkers
from runner.training.inference import compiling


def prepare_measuring(
    data: Dataset, device: Device, workers: FigureWorkers, model: keras.Model
) -> None:
    """Compile the network alone, and import what it is measured and drawn with, in a thread.

    XLA takes seconds for both compilations, and Python waits for it; so it does for a GPU that
    trains.

    Args:
        data: that the network will be measured on.
        device: where nothing but a GPU has XLA compile.
        workers: where there are any, they draw.
        model: that will be trained.
    """
    modules = MEASURING if workers.number else PRELOADED
    work: list[Callable[[], object]] = [partial(import_module, module) for module in modules]
    if device.is_gpu:
        work.insert(0, compiling(model, data.train.images, xla=True))
    Thread(target=_call_all, args=[work], daemon=True).start()


def _call_all(functions: Iterable[Callable[[], object]]) -> None:
    with suppress(Exception):  # what fails fails again where it is needed, and is said there
        for function in functions:
            function()
