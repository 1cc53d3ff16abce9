"""Imports beside the compilation of a training, for what comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from threading import Thread

from runner.figures.figure_worker import MEASURING, PRELOADED
from runner.figures.figure_workers import FigureWorkers


def import_early(workers: FigureWorkers) -> None:
    """Import what a finished training is measured and drawn with, in a thread.

    While XLA compiles and a GPU trains, Python is idle.

    Args:
        workers: where there are any, they draw.
    """
    modules = MEASURING if workers.number else PRELOADED
    Thread(target=_import_all, args=[modules], daemon=True).start()


def _import_all(modules: Sequence[str]) -> None:
    with suppress(Exception):  # what fails fails again where it is needed, and is said there
        for module in modules:
            import_module(module)
