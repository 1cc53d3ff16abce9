"""The search for runs in a store that may not answer, and in the journals of what it lacks."""

from __future__ import annotations

import time
from dataclasses import replace

from runner.base.errors import StoreError
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_records import KEY, meets, recorded_run
from runner.tracking.journal_sending import RemoteStore
from runner.tracking.run_store import Conditions, StoredRun

_SILENCE = 10.0
"""Seconds in which a store that did not answer is not asked again."""


class JournaledSearch:
    """Finds runs, those included that are not sent yet.

    Args:
        remote: store that journals are sent to.
        index: of the journals.
    """

    def __init__(self, remote: RemoteStore, index: JournalIndex) -> None:
        self._remote, self._index = remote, index
        self._problem: StoreError | None = None
        self._silent_until = 0.0

    def find(self, asked: Conditions) -> tuple[list[StoredRun], StoreError | None]:
        """Return the runs that meet conditions, by keys or ids, and why the store did not answer.

        Where it does not, the journals say what they know.
        """
        unsent = self._index.unsent()  # before asking: what is sent meanwhile is in one of both
        id_start, parent = self._index.id_of(asked.id_start), self._index.id_of(asked.parent)
        conditions = replace(asked, id_start=id_start, parent=parent)
        found, problem = self._ask(conditions)
        journals = self._index.journals() if problem else unsent
        recorded = [recorded_run(journal, self._index) for journal in journals]
        keys = {run.tags[KEY] for run in recorded}
        found = [run for run in found if run.tags.get(KEY) not in keys]
        return found + [run for run in recorded if meets(run, conditions)], problem

    def _ask(self, conditions: Conditions) -> tuple[list[StoredRun], StoreError | None]:
        """Ask the store, unless it did not answer a moment ago."""
        if self._problem is not None and time.monotonic() < self._silent_until:
            return [], self._problem
        try:
            return self._remote.find(conditions), None
        except StoreError as error:
            self._problem, self._silent_until = error, time.monotonic() + _SILENCE
            return [], error
