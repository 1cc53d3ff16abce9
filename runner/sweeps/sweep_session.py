"""One start of a sweep: what is left of it is run, kept and reported; imports MLflow."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from runner.base.errors import ConfigurationError, SweepError
from runner.sweeps import sweep_display
from runner.sweeps.jobs import Job, Outcome
from runner.sweeps.launchers import launch
from runner.sweeps.preparation import Sweep, locked
from runner.sweeps.report.sweep_report import write_report
from runner.tracking import mlflow_logging, mlflow_runs


def run_sweep(sweep: Sweep) -> None:
    """Run what is not finished yet of a sweep.

    Raises:
        ConfigurationError: another process is running it.
        SweepError: jobs failed; the others were run all the same.
    """
    with locked(sweep.folder):
        settings = replace(sweep.config.tracking, experiment=sweep.experiment)
        tracker = mlflow_logging.open_tracker(settings, Path("outputs"))
        before = mlflow_runs.runs_of_sweep(sweep.name)
        mlflow_runs.end_abandoned(before)
        tags = {"level": "sweep", "command": " ".join(sweep.command), "folder": str(sweep.folder)}
        with tracker.run(
            sweep.name, tags | {"sweep": sweep.name}, run_id=_own_run(before, sweep)
        ) as run_id:
            _Session(sweep, tracker, run_id, mlflow_runs.finished_jobs(before)).run()


def _own_run(runs: list[mlflow_runs.Run], sweep: Sweep) -> str | None:
    """Return the id of the sweep's own run from an earlier start, or None."""
    own = next((run for run in runs if run.level == "sweep"), None)
    if own is None:
        return None
    if own.tags["folder"] != str(sweep.folder):
        raise ConfigurationError(
            f"sweep {sweep.name} lies in {own.tags['folder']}, it cannot go on in {sweep.folder}; "
            "choose another sweep.name"
        )
    return own.run_id


class _Session:
    """One start of a sweep."""

    def __init__(
        self,
        sweep: Sweep,
        tracker: mlflow_logging.Tracker,
        run_id: str,
        finished: set[tuple[str, str]],
    ) -> None:
        self._sweep, self._tracker, self._run_id = sweep, tracker, run_id
        self._finished = finished
        self._started = time.time()
        self._failed: list[Outcome] = []

    def run(self) -> None:
        """Run the jobs that are left; report whatever happens."""
        sweep_display.show_sweep(self._sweep.name, self._sweep.folder)
        launcher = self._sweep.launcher()
        try:
            for phase in self._sweep.plan.phases():
                for outcome in launch(launcher, self._left(phase)):
                    self._keep(outcome)
        finally:
            launcher.close()
            mlflow_runs.end_abandoned(mlflow_runs.runs_of_sweep(self._sweep.name))
            self._report()
        if self._failed:
            names = ", ".join(outcome.job.name for outcome in self._failed)
            raise SweepError(f"{len(self._failed)} of the jobs failed: {names}")

    def _left(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Yield the jobs to be run, until too many have failed."""
        limit = self._sweep.config.sweep.max_failures
        for job in jobs:
            if limit is not None and len(self._failed) >= limit:
                sweep_display.show_stop(limit)
                return
            if (job.name, job.fingerprint) in self._finished:
                sweep_display.show_skipped(job.name)
            else:
                sweep_display.show_start(job.name)
                yield job.placed(self._run_id, self._sweep.experiment)

    def _keep(self, outcome: Outcome) -> None:
        sweep_display.show_outcome(outcome.job.name, outcome.status, outcome.summary, outcome.error)
        if outcome.status == "failed":
            self._failed.append(outcome)
            tags = {
                "level": "job",
                "fingerprint": outcome.job.fingerprint,
                **outcome.job.sweep_tags.tags,
            }
            mlflow_runs.fail(
                self._tracker.experiment_id, tags, self._run_id, outcome.error, self._started
            )
        self._sweep.plan.tell(outcome)

    def _report(self) -> None:
        drawn = self._sweep.plan.figures()
        for path in write_report(self._sweep.name, self._sweep.folder, drawn):
            mlflow_logging.log_file(path)
