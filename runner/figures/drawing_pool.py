"""Processes that draw figures while a run goes on, since Matplotlib takes a second for each seed.

They start with the run, so that their imports take no time of it.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Self

from runner.base.option_types import FigureFormat
from runner.base.worker_process import CAN_START, WorkerProcess
from runner.figures import drawing_process
from runner.figures.drawing_process import Draw
from runner.figures.figure_files import save_figure

_DRAWING = Lock()
"""Matplotlib's style is that of the process, not of a thread."""

_MOST = 8
"""The figures of ten seeds take a core 10 to 20 s, so that more pay; one seed has four figures."""

_MANY_CORES, _MANY_FIGURES = 4, 16
"""Where cores are few, a process takes as much of them to start as seven figures take."""


def worker_count(figures: int) -> int:
    """Return how many processes pay: half the cores of this one, none for few figures and cores.

    Jobs that run beside each other have their share of the cores in OMP_NUM_THREADS.

    Args:
        figures: number of those that are to be drawn.
    """
    if not CAN_START:
        return 0
    cores = len(os.sched_getaffinity(0))
    share = os.environ.get("OMP_NUM_THREADS", "")
    cores = min(cores, int(share)) if share.isdecimal() else cores
    if cores == 1 or (cores < _MANY_CORES and figures < _MANY_FIGURES):
        return 0
    return min(_MOST, max(2, cores // 2), figures)


class DrawingPool:
    """Processes that draw figures; a context manager, which ends them.

    Args:
        number: of processes; with 0 each figure is drawn at once, in this process.

    Attributes:
        number: of processes that the system allowed.
    """

    def __init__(self, number: int) -> None:
        self._ended = False
        self._workers = list(_started(number))
        self.number = len(self._workers)
        self._free: SimpleQueue[_DrawingProcess] = SimpleQueue()
        for worker in self._workers:
            self._free.put(worker)
        self._threads = ThreadPoolExecutor(number or 1)

    def draw(self, draw: Draw, path: Path, form: FigureFormat) -> Future[list[Path]]:
        """Draw a figure into files; see `runner.figures.figure_files.save_figure`.

        Args:
            draw: can be pickled, and needs neither TensorFlow nor a network.
            path: without suffix.
            form: of figures.
        """
        if not self._workers:
            return drawn_here(draw, path, form)
        return self._threads.submit(self._ask, draw, path, form)

    def _ask(self, draw: Draw, path: Path, form: FigureFormat) -> list[Path]:
        worker = self._free.get()
        try:
            drawn = worker.ask(draw, path, form)
        finally:
            self._free.put(worker)
        if drawn is None and not self._ended:  # what fails there raises its error here
            return drawn_here(draw, path, form).result()
        return drawn or []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.end()
        self._threads.shutdown()  # none of them waits for a figure any more


def drawn_here(draw: Draw, path: Path, form: FigureFormat) -> Future[list[Path]]:
    """Draw a figure at once, in this process; the future has its files, or its error."""
    future: Future[list[Path]] = Future()
    with _DRAWING:
        try:
            future.set_result(save_figure(draw(), path, form))
        except Exception as error:  # noqa: BLE001 - raised for those who ask for the files
            future.set_exception(error)
    return future


def _started(number: int) -> Iterator[_DrawingProcess]:
    """Start processes, or as many as the system allows."""
    with suppress(OSError):
        for _ in range(number):
            yield _DrawingProcess(drawing_process.__name__)


class _DrawingProcess(WorkerProcess):
    """One process that draws."""

    def ask(self, draw: Draw, path: Path, form: FigureFormat) -> list[Path] | None:
        """Have a figure drawn; None where that fails, it cannot be sent, or the process died."""
        with suppress(Exception):
            self.connection.send_bytes(pickle.dumps((draw, path, form)))
            answer: list[Path] | None = self.connection.recv()
            return answer
        return None
