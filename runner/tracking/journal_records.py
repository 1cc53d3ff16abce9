"""What a journal tells of its run, where the store cannot be asked or does not know it yet."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Any

from runner.tracking.journal import OPEN, Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.processes import PROCESS, is_dead
from runner.tracking.run_store import Conditions, StoredRun

KEY = "run_key"
"""Tag with the key of a run, by which a store finds one that it has already."""


def recorded_run(journal: Journal, index: JournalIndex) -> StoredRun:
    """Return the entry of a run, as the store will have it."""
    opening = journal.opening
    run = StoredRun(
        run_id=journal.run_id,
        name=opening.options["name"],
        status="RUNNING",
        started=opening.time,
        experiment=opening.options["experiment"],
        parent=opening.options["parent"],
        tags={KEY: journal.key} | opening.options["tags"],
    )
    for entry in journal.entries():
        run = replace(run, **_changed(run, entry.call, entry.options))
    parent = index.find(run.parent)
    return replace(run, parent=parent.run_id) if parent else run


def meets(run: StoredRun, conditions: Conditions) -> bool:
    """Tell whether a recorded run meets conditions, by its key too: it may just have got its id."""
    return conditions.are_met(run) or conditions.are_met(replace(run, run_id=run.tags[KEY]))


def configuration(journal: Journal) -> dict[str, Any]:
    """Return the configuration that was logged, or an empty one."""
    calls = (entry for entry in journal.entries() if entry.call == "log_configuration")
    found: dict[str, Any] = next((call.options["configuration"] for call in calls), {})
    return found


def is_open(journal: Journal) -> bool:
    """Tell whether a run goes on, as far as its journal knows."""
    calls = (e.call for e in journal.entries() if e.call in (OPEN, "reopen", "end"))
    return deque(calls, maxlen=1) != deque(["end"])


def is_abandoned(journal: Journal) -> bool:
    """Tell whether the process of a run died before it could end the run.

    It may end the run and then itself, or another one go on with it, while this is found out.
    """
    process = _process(journal)
    return is_dead(process) and is_open(journal) and _process(journal) == process


def _process(journal: Journal) -> str:
    """Return the tag of the process that opened a run last; empty where it is not known."""
    tags = [e.options["tags"] for e in journal.entries() if e.call in (OPEN, "reopen")]
    return tags[-1].get(PROCESS, "") if tags else ""


def _changed(run: StoredRun, call: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return what a call changes of a run."""
    match call:
        case "reopen":
            own = {key: value for key, value in run.tags.items() if key != "error"}
            return {"status": "RUNNING", "tags": own | options["tags"]}
        case "set_tags":
            return {"tags": run.tags | options["tags"]}
        case "set_parent":
            return {"parent": options["parent"]}
        case "end":
            return {"status": options["status"]}
        case "log_metrics" | "log_epoch":
            return {"metrics": run.metrics | options["metrics"]}
    return {}
