"""What earlier attempts at a job have left in the store of runs."""

from __future__ import annotations

from collections.abc import Mapping

from runner.base.errors import ConfigurationError
from runner.config.naming import NAMING_RUNS
from runner.run.job import Job
from runner.tracking.found_run import NETWORK
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import orphans, runs_of_sweep


def finished_seeds(store: RunStore, job: Job) -> dict[str, StoredRun]:
    """Return the runs of those seeds that need no second training, by their fingerprint.

    A seed whose folder has lost its network is not among them.
    """
    if job.sweep_tags is not None:
        found = orphans(runs_of_sweep(store, job.sweep_tags.sweep), job.sweep_tags.job)
    else:
        finished = (run for run in _seeds(store, job) if run.status == "FINISHED")
        found = {run.tags["fingerprint"]: run for run in finished}
    return {key: run for key, run in found.items() if not _lost_network(run)}


def interrupted_seed(store: RunStore, job: Job, fingerprint: str) -> str | None:
    """Return the id of the run of a seed that goes on with the interrupted run of its job."""
    runs = [run for run in _seeds(store, job) if run.tags["fingerprint"] == fingerprint]
    return runs[-1].run_id if runs else None


def check_unchanged(interrupted: StoredRun | None, tags: Mapping[str, str]) -> None:
    """Raise ConfigurationError where an interrupted run would go on as another training.

    Args:
        interrupted: the run, or None where none goes on.
        tags: that it would have now: fingerprint, versions, digests of data and earlier networks.
    """
    if interrupted is None or interrupted.tags["fingerprint"] == tags["fingerprint"]:
        return
    names = {name: name for name in _COMPARED} | {
        digest_tag(option): f"the digest of {option}={tags.get(option)}" for option in NAMING_RUNS
    }
    changed = [
        f"{name} is {interrupted.tags[tag][:_LONGEST]} there, {tags.get(tag, '')[:_LONGEST]} here"
        for tag, name in names.items()
        if tag in interrupted.tags and interrupted.tags[tag] != tags.get(tag, "")
    ]
    what = ", ".join(changed) or "its configuration or the code of the program was changed"
    raise ConfigurationError(
        f"resume: {interrupted.name} cannot go on as what it was: {what}; restore that, or start "
        "its training anew"
    )


def check_unfinished(store: RunStore, interrupted: StoredRun | None) -> None:
    """Raise ConfigurationError where another process has finished a run since it was found.

    Args:
        store: of the run.
        interrupted: the run, or None where none goes on; nobody else runs in its folder.
    """
    if interrupted is None:
        return
    found = store.find(id_start=interrupted.run_id)
    if [run.status for run in found] == ["FINISHED"]:
        name = interrupted.name
        raise ConfigurationError(
            f"resume: {name} is finished, by another process meanwhile; init_from={name} trains "
            "its network further"
        )


def digest_tag(option: str) -> str:
    """Return the tag with the digest of the networks that an option names, such as init_from."""
    return f"{option}.sha256"


_COMPARED = ("tensorflow", "keras", "x_train", "y_train", "x_test", "y_test", "git_commit")
_LONGEST = 12
"""Characters of a version or a digest in a message."""


def _lost_network(run: StoredRun) -> bool:
    return run.folder is not None and not (run.folder / NETWORK).is_file()


def _seeds(store: RunStore, job: Job) -> list[StoredRun]:
    if job.interrupted is None:
        return []
    children = store.find(parent=job.interrupted.run_id)
    return [run for run in children if "fingerprint" in run.tags]
