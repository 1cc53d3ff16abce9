"""The runs of a sweep in a store: one of the sweep, one per attempt at a job, one per seed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from runner.base.errors import RefusedError
from runner.tracking.run_store import RunStore, Status, StoredRun

_LONGEST_ERROR = 5_000


def runs_of_sweep(store: RunStore, sweep: str) -> list[StoredRun]:
    """Return every run of a sweep, ordered by start."""
    return store.find({"sweep": sweep})


def sweeps(store: RunStore) -> list[StoredRun]:
    """Return the run of each sweep, ordered by start."""
    return store.find({"level": "sweep"})


def seed_runs(store: RunStore, run: StoredRun) -> dict[int, StoredRun]:
    """Return the run of each seed of a job; empty for a job with one seed, and for a seed."""
    children = store.find(parent=run.run_id)
    return {int(child.tags["seed"]): child for child in children if "seed" in child.tags}


def finished_jobs(runs: Iterable[StoredRun]) -> dict[tuple[str, str], StoredRun]:
    """Return the run of each finished job, by its name and fingerprint."""
    finished = (run for run in runs if run.level == "job" and run.status == "FINISHED")
    return {(run.tags["job"], run.tags["fingerprint"]): run for run in finished}


def orphans(runs: list[StoredRun], job: str) -> dict[str, StoredRun]:
    """Return finished seeds of an unfinished job, by their fingerprint."""
    runs_of_job = [run for run in runs if run.tags.get("job") == job]
    complete = {
        run.run_id for run in runs_of_job if run.level == "job" and run.status == "FINISHED"
    }
    return {
        run.tags["fingerprint"]: run
        for run in runs_of_job
        if run.level == "seed" and run.status == "FINISHED" and run.parent not in complete
    }


def end_abandoned(store: RunStore, runs: Iterable[StoredRun]) -> None:
    """Mark open runs of jobs and seeds as KILLED; their process ended without a message."""
    for run in runs:
        if run.status == "RUNNING" and run.level != "sweep":
            _end(store, run, "its process ended without a word", "KILLED")


def record_failure(
    store: RunStore, tags: dict[str, str], parent: str, error: str, since: float
) -> None:
    """Ensure that a failed job has a run with the status FAILED, even if its process died.

    Whoever opens the store marks a run whose process died, and so may have done it: as KILLED.

    Args:
        store: of the runs.
        tags: of the job's run.
        parent: id of the sweep's run.
        error: message.
        since: start of this attempt at the job, in seconds since 1970.
    """
    attempts = store.find({"sweep": tags["sweep"], "job": tags["job"]})
    attempts = [run for run in attempts if run.started >= since]
    for run in attempts:
        if run.status in ("RUNNING", "KILLED"):
            _end(store, run, error[:_LONGEST_ERROR], "FAILED")
    if not attempts:
        store.add_failed(tags["job"], tags | {"error": error[:_LONGEST_ERROR]}, parent)


def _end(store: RunStore, run: StoredRun, error: str, status: Status) -> None:
    """End a run, unless somebody has deleted it since it was found."""
    with suppress(RefusedError):
        store.set_tags(run.run_id, {"error": error})
        store.end(run.run_id, status)
