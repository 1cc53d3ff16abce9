"""The launching of jobs: as many at once as a launcher has slots, each with an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Protocol

from runner.base.errors import one_line
from runner.sweeps.jobs import Ending, Outcome, SweepJob


class Launcher(Protocol):
    """Runs jobs.

    Attributes:
        slots: number of jobs that can run at once.
    """

    slots: int

    def submit(self, job: SweepJob) -> Future[Ending]:
        """Start a job; the future has its ending, or the exception that killed its process."""

    def close(self) -> None:
        """Stop running jobs, and end all processes."""


def launch(launcher: Launcher, jobs: Iterable[SweepJob]) -> Iterator[Outcome]:
    """Run jobs, as many at once as there are slots; yield each outcome as soon as a job ends.

    The next job is taken only when a slot is free and all outcomes so far are yielded.
    """
    running: dict[Future[Ending], SweepJob] = {}
    for job in jobs:
        running[launcher.submit(job)] = job
        while len(running) >= launcher.slots:
            yield from _ended(running)
    while running:
        yield from _ended(running)


def _ended(running: dict[Future[Ending], SweepJob]) -> Iterator[Outcome]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        job = running.pop(future)
        try:
            yield Outcome(job, future.result())
        except Exception as error:  # noqa: BLE001 - the process of the job died, not the job itself
            yield Outcome(job, Ending("failed", f"its process died: {one_line(error)}"))
