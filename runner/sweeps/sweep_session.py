"""One start of a sweep: runs, stores and reports its unfinished jobs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from runner.base.errors import ConfigurationError, SweepError
from runner.base.folder_lock import locked
from runner.base.language import errors_in
from runner.run.interruption import saying_what_is_stored
from runner.sweeps import sweep_display
from runner.sweeps.jobs import BEST, Ending, Outcome, SweepJob
from runner.sweeps.launching import launch
from runner.sweeps.preparation import Sweep
from runner.sweeps.report.sweep_report import write_report
from runner.tracking.open_run import OpenRun
from runner.tracking.run_finder import OUTPUTS
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import (
    end_abandoned,
    finished_jobs,
    record_failure,
    runs_of_sweep,
    seed_runs,
)

_LOCKED = "another sweep is writing there; wait until it ends, or choose another sweep.name"


def run_sweep(sweep: Sweep) -> None:
    """Run the unfinished jobs of a sweep.

    Raises:
        ConfigurationError: another process is running the sweep.
        SweepError: jobs or their figures failed, after all others were run.
    """
    with errors_in(sweep.config.language), locked(sweep.folder, _LOCKED):
        settings = replace(sweep.config.tracking, experiment=sweep.experiment)
        store: RunStore = settings.open(OUTPUTS)
        earlier = runs_of_sweep(store, sweep.name)
        end_abandoned(store, earlier)
        tags = {"level": "sweep", "command": " ".join(sweep.command), "folder": str(sweep.folder)}
        tags |= {"sweep": sweep.name}
        run_id = _earlier_run(earlier, sweep)
        with saying_what_is_stored(), store.open(sweep.name, tags, run_id=run_id) as run:
            _Session(sweep, store, run, finished_jobs(earlier)).run()


def _earlier_run(runs: list[StoredRun], sweep: Sweep) -> str | None:
    """Return the id of the run of the sweep from an earlier start, or None."""
    own = next((run for run in runs if run.level == "sweep"), None)
    if own is None:
        return None
    if own.tags["folder"] != str(sweep.folder):
        raise ConfigurationError(
            f"sweep {sweep.name} lies in {own.tags['folder']}, it cannot go on in {sweep.folder}; "
            "choose another sweep.name"
        )
    return own.run_id


def _stored_ending(run: StoredRun) -> Ending:
    """Return the ending of a finished job; the plan did not hear of it if its process died then."""
    return Ending("finished", summary={name: {"mean": v} for name, v in run.metrics.items()})


class _Session:
    """One start of a sweep."""

    def __init__(
        self,
        sweep: Sweep,
        store: RunStore,
        run: OpenRun,
        finished: dict[tuple[str, str], StoredRun],
    ) -> None:
        self._sweep, self._store, self._run = sweep, store, run
        self._finished, self._language = finished, sweep.config.language
        self._started = time.time()
        self._failed: list[str] = []
        self._figures_failed: list[str] = []

    def run(self) -> None:
        """Run the unfinished jobs; write the report even after an exception."""
        sweep_display.show_sweep(self._sweep.name, self._sweep.folder, self._language)
        launcher = self._sweep.launcher()
        try:
            for phase in self._sweep.plan.phases():
                for outcome in launch(launcher, self._unfinished(phase)):
                    self._record(outcome)
        finally:
            launcher.close()
            end_abandoned(self._store, runs_of_sweep(self._store, self._sweep.name))
            self._report()
        failed = {"": self._failed, "figures of ": self._figures_failed}
        said = [
            f"{of}{len(jobs)} of the jobs failed: {', '.join(jobs)}"
            for of, jobs in failed.items()
            if jobs
        ]
        if said:
            raise SweepError("; ".join(said))

    def _unfinished(self, jobs: Iterable[SweepJob]) -> Iterator[SweepJob]:
        """Yield unfinished jobs, until too many have failed."""
        limit = self._sweep.config.sweep.max_failures
        for job in jobs:
            if limit is not None and len(self._failed) >= limit:
                sweep_display.show_stop(limit, self._language)
                return
            stored = self._finished.get((job.name, job.fingerprint))
            if stored is not None:
                sweep_display.show_skipped(job.name, self._language)
                self._sweep.plan.tell(Outcome(job, _stored_ending(stored)))
                if job.name == BEST:
                    self._crown(job)
            else:
                sweep_display.show_start(job.name, self._language)
                yield job.with_parent(self._run.run_id, self._sweep.experiment)

    def _record(self, outcome: Outcome) -> None:
        job, ending = outcome.job, outcome.ending
        told = ending.status, ending.summary, ending.error
        sweep_display.show_outcome(job.name, *told, self._language)
        if ending.status == "failed":
            self._failed.append(job.name)
            tags = {"level": "job", "fingerprint": job.fingerprint} | job.sweep_tags.tags
            record_failure(self._store, tags, self._run.run_id, ending.error, self._started)
        elif ending.status == "finished" and ending.error:
            self._figures_failed.append(job.name)
        self._sweep.plan.tell(outcome)
        if job.name == BEST and ending.status == "finished":
            self._crown(job)

    def _crown(self, best: SweepJob) -> None:
        """Register the first network of the best configuration, by its error in the search."""
        (run, *_) = self._store.find(
            {"sweep": self._sweep.name, "level": "job", "job": BEST}, status="FINISHED"
        )[::-1]
        seeds = seed_runs(self._store, run)
        first = seeds[min(seeds)] if seeds else run
        name = best.job.config.dataset.name
        error = self._sweep.plan.best_error()
        address = None if error is None else self._store.register(first, name, error)
        if address:
            sweep_display.show_registered(address, self._language)

    def _report(self) -> None:
        sweep, drawn = self._sweep, self._sweep.plan.figures()
        for path in write_report(self._store, sweep.name, sweep.folder, drawn, self._language):
            self._run.log_file(path)
