"""A process that draws figures; see `runner.figures.drawing_pool`."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from runner.base.worker_process import connect
from runner.figures.canvas import chart, styled
from runner.figures.figure_files import save_figure

Draw = Callable[[], Any]
"""Draws a figure, as `runner.figures.figure_files.save_figure` takes it."""

MEASURING = ("sklearn.metrics",)
"""What the numbers of a figure, and of a run, come from."""

PRELOADED = ("matplotlib.backends.backend_agg", "runner.figures.finished_run", *MEASURING)
"""What the first figure would otherwise have to wait for."""


def serve(connection: Connection) -> None:
    """Draw what is asked for, and answer with the files, or None, until nobody asks."""
    for module in PRELOADED:
        import_module(module)
    _draw_something()
    with suppress(EOFError, OSError):  # the run has ended, or was killed
        while True:
            connection.send(_drawn(connection.recv_bytes()))


@styled()
def _draw_something() -> None:
    """Have Matplotlib find its fonts, which takes 0.1 s, before a figure waits for it."""
    figure = chart(3, 2, "title", "subtitle")
    figure.add_subplot().plot([0, 1], label="line")
    figure.axes[0].legend()
    figure.draw_without_rendering()


def _drawn(request: bytes) -> list[Path] | None:
    """Draw a figure; None where that fails: not every error can be sent."""
    try:
        draw, path, form = pickle.loads(request)  # noqa: S301 - of the process that started this
        return save_figure(draw(), path, form)
    except Exception:  # noqa: BLE001 - the figure is drawn again where it was asked for
        return None


if __name__ == "__main__":
    serve(connect())
