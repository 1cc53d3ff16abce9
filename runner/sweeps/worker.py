"""The execution of one job, in the process that a launcher chose."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from runner.base.atomic_files import write_text
from runner.base.errors import FigureError, PrunedError, one_line
from runner.base.lazy import keras
from runner.run.experiment import run
from runner.run.job import Job
from runner.sweeps.jobs import Ending, PackedJob

_WATCH_SECONDS = 0.2


def perform(job: Job) -> Ending:
    """Run a job; an exception becomes its ending, with the traceback in `error.txt`."""
    started = time.perf_counter()
    problem = ""
    try:
        summary = run(job)
    except FigureError as error:
        summary, problem = error.summary, str(error)
    except PrunedError as error:
        return Ending("pruned", str(error), seconds=time.perf_counter() - started)
    except Exception as error:  # noqa: BLE001 - whatever stops a job, the next one is started
        job.folder.mkdir(parents=True, exist_ok=True)
        write_text(job.folder / "error.txt", traceback.format_exc())
        return Ending("failed", one_line(error), seconds=time.perf_counter() - started)
    finally:
        _free_networks()
    return Ending("finished", problem, summary, time.perf_counter() - started)


def perform_quietly(job: PackedJob) -> Ending:
    """Run a job in a process of its own; its output goes to `output.txt` in its folder."""
    os.chdir(job.directory)
    job.folder.mkdir(parents=True, exist_ok=True)
    with (
        (job.folder / "output.txt").open("w", encoding="utf-8") as file,
        _redirected(file.fileno()),
    ):
        return perform(job.unpacked())


def die_with(parent: int) -> None:
    """End this process soon after its parent, so that no job outlives its sweep."""

    def watch() -> None:
        while os.getppid() == parent and psutil.pid_exists(parent):  # Windows keeps the number
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _redirected(target: int) -> Iterator[None]:
    """Redirect standard output and error of this process, libraries in C included, to a file."""
    saved = [os.dup(1), os.dup(2)]
    try:
        for standard in (1, 2):
            os.dup2(target, standard)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(ValueError):
                stream.flush()
        for standard, old in zip((1, 2), saved, strict=True):
            os.dup2(old, standard)
            os.close(old)


def _free_networks() -> None:
    if "keras" in sys.modules:
        keras.utils.clear_session()  # which collects garbage
