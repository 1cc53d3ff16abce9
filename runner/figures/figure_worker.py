"""A process that draws figures; see `runner.figures.figure_workers`."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from runner.base.worker_process import connect
from runner.figures.figure_files import save_figure

Draw = Callable[[], Any]
"""Draws a figure, as `runner.figures.figure_files.save_figure` takes it."""

MEASURING = ("sklearn.metrics",)
"""What the numbers of a figure, and of a run, come from."""

PRELOADED = ("matplotlib.backends.backend_agg", *MEASURING)
"""What the first figure would otherwise have to wait for."""


def serve(connection: Connection) -> None:
    """Draw what is asked for, and answer with the files, or None, until nobody asks."""
    for module in PRELOADED:
        import_module(module)
    with suppress(EOFError, OSError):  # the run has ended, or was killed
        while True:
            connection.send(_drawn(connection.recv_bytes()))


def _drawn(request: bytes) -> list[Path] | None:
    """Draw a figure; None where that fails: not every error can be sent."""
    try:
        draw, path, form = pickle.loads(request)  # noqa: S301 - of the process that started this
        return save_figure(draw(), path, form)
    except Exception:  # noqa: BLE001 - the figure is drawn again where it was asked for
        return None


if __name__ == "__main__":
    serve(connect())
