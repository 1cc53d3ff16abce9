"""A process that draws figures; see `runner.figures.figure_workers`."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from runner.base.option_types import FigureFormat
from runner.figures.figure_files import save_figure

Draw = Callable[[], Any]
"""Draws a figure, as `runner.figures.figure_files.save_figure` takes it."""

PRELOADED = ("matplotlib.backends.backend_agg", "sklearn.metrics")
"""What the first figure would otherwise have to wait for."""

Request = tuple[Draw, Path, FigureFormat]


def serve(connection: Connection) -> None:
    """Draw what is asked for, and answer with the files or the error, until nobody asks."""
    for module in PRELOADED:
        import_module(module)
    with suppress(EOFError, OSError):  # the run has ended, or was killed
        while True:
            connection.send(_answer(connection.recv()))


def _answer(request: Request) -> list[Path] | Exception:
    draw, path, form = request
    try:
        return save_figure(draw(), path, form)
    except Exception as error:  # noqa: BLE001 - it is raised where the figure was asked for
        error.add_note(traceback.format_exc())
        return error


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
