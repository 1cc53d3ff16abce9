"""The runs of a sweep in a store: its own, one for each attempt at a job, one for each seed."""

from __future__ import annotations

from collections.abc import Iterable

from runner.tracking.run_store import RunStore, StoredRun

_LONGEST_ERROR = 5_000


def runs_of_sweep(store: RunStore, sweep: str) -> list[StoredRun]:
    """Return every run of a sweep, in the order they started."""
    return store.find({"sweep": sweep})


def sweeps(store: RunStore) -> list[StoredRun]:
    """Return the sweeps' own runs, in the order they started."""
    return store.find({"level": "sweep"})


def seed_runs(store: RunStore, run: StoredRun) -> dict[int, StoredRun]:
    """Return the runs of a job's seeds; none for a job with one seed, or a seed's run."""
    parts = store.find(parent=run.run_id)
    return {int(part.tags["seed"]): part for part in parts if "seed" in part.tags}


def finished_jobs(runs: Iterable[StoredRun]) -> set[tuple[str, str]]:
    """Return name and fingerprint of each job that is finished."""
    done = (run for run in runs if run.level == "job" and run.status == "FINISHED")
    return {(run.tags["job"], run.tags["fingerprint"]) for run in done}


def orphans(runs: list[StoredRun], job: str) -> dict[str, StoredRun]:
    """Return finished seeds of a job that did not finish, by their fingerprint."""
    own = [run for run in runs if run.tags.get("job") == job]
    complete = {run.run_id for run in own if run.level == "job" and run.status == "FINISHED"}
    return {
        run.tags["fingerprint"]: run
        for run in own
        if run.level == "seed" and run.status == "FINISHED" and run.parent not in complete
    }


def end_abandoned(store: RunStore, runs: Iterable[StoredRun]) -> None:
    """Mark runs of jobs and seeds as KILLED whose process ended without a word."""
    for run in runs:
        if run.status == "RUNNING" and run.level != "sweep":
            store.set_tags(run.run_id, {"error": "its process ended without a word"})
            store.end(run.run_id, "KILLED")


def record_failure(
    store: RunStore, tags: dict[str, str], parent: str, error: str, since: float
) -> None:
    """Make sure that a failed job has a failed run, also where its process could not see to it.

    Args:
        store: of the runs.
        tags: of the job's run.
        parent: id of the sweep's run.
        error: what went wrong.
        since: when the job was started, or any moment after an earlier attempt at it ended.
    """
    attempts = store.find({"sweep": tags["sweep"], "job": tags["job"]})
    attempts = [run for run in attempts if run.started >= since]
    for run in attempts:
        if run.status == "RUNNING":
            store.set_tags(run.run_id, {"error": error[:_LONGEST_ERROR]})
            store.end(run.run_id, "FAILED")
    if not attempts:
        store.add_failed(tags["job"], tags | {"error": error[:_LONGEST_ERROR]}, parent)
