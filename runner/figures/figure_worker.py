"""A process that draws figures; see `runner.figures.figure_workers`."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

from runner.figures.figure_files import save_figure

Draw = Callable[[], Any]
"""Draws a figure, as `runner.figures.figure_files.save_figure` takes it."""

PRELOADED = ("matplotlib.backends.backend_agg", "sklearn.metrics")
"""What the first figure would otherwise have to wait for."""


def serve(connection: Connection) -> None:
    """Draw what is asked for, and answer with the files, or None, until nobody asks."""
    Thread(target=_end_with_the_run, daemon=True).start()
    for module in PRELOADED:
        import_module(module)
    with suppress(EOFError, OSError):  # the run has ended, or was killed
        while True:
            connection.send(_drawn(connection.recv_bytes()))


def _end_with_the_run() -> None:
    """End at once: a run that goes on with this one's folder must not find a figure written."""
    sys.stdin.read()  # comes to its end when the run does, even if that is killed
    os._exit(0)


def _drawn(request: bytes) -> list[Path] | None:
    """Draw a figure; None where that fails: not every error can be sent."""
    try:
        draw, path, form = pickle.loads(request)  # noqa: S301 - of the process that started this
        return save_figure(draw(), path, form)
    except Exception:  # noqa: BLE001 - the figure is drawn again where it was asked for
        return None


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
