"""Imports beside the compilation of a training, for what comes after it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from threading import Thread

from runner.config.run_config import Config
from runner.figures.drawing_pool import DrawingPool
from runner.figures.drawing_process import MEASURING, PRELOADED


def import_early(config: Config, pool: DrawingPool) -> Thread:
    """Import what a finished training is measured and drawn with, in a thread, and return that.

    While XLA compiles and a GPU trains, Python is idle.

    Args:
        config: of the run; several seeds have a figure of their own.
        pool: draws, where it has processes.
    """
    draws_here = not pool.number and (config.figures or len(config.all_seeds) > 1)
    modules = PRELOADED if draws_here else MEASURING
    importing = Thread(target=_import_all, args=[modules], daemon=True)
    importing.start()
    return importing


def _import_all(modules: Sequence[str]) -> None:
    with suppress(Exception):  # what fails fails again where it is needed, and is said there
        for module in modules:
            import_module(module)
