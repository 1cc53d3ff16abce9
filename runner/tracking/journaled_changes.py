"""Changes of runs that are not open in this process: written into their journals, then sent."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from runner.base.console import note
from runner.base.errors import RefusedError, StoreError, one_line
from runner.base.program_files import command_name
from runner.tracking import journal_records
from runner.tracking.journal import Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import RemoteStore, send
from runner.tracking.processes import DEAD, PROCESS, is_dead
from runner.tracking.run_store import StoredRun
from runner.tracking.sender import Sender


class JournaledChanges:
    """Changes runs that have ended, or that another process left behind.

    Args:
        remote: store that journals are sent to.
        index: of the journals.
        sender: that sends the changes as long as a run is open in this process.
    """

    def __init__(self, remote: RemoteStore, index: JournalIndex, sender: Sender) -> None:
        self._remote, self._index, self._sender = remote, index, sender
        self._note_once = cache(note)

    def write(self, run_id: str, call: str, **options: Any) -> None:
        """Change a run, now or, where the store does not answer, later.

        Args:
            run_id: id or key of the run.
            call: name of a call in a journal.
            options: of the call.

        Raises:
            RefusedError: neither the journals nor the store have the run.
            StoreError: no journal has it, and the store does not answer.
        """
        journal = self._index.find(run_id)
        try:
            if journal is not None:
                journal.append(call, **options)
        except FileNotFoundError:  # its folder was deleted after it was found
            journal = None
        except OSError as error:  # a full disk, most likely
            self._note_once(f"note: not all that is logged is kept for it: {one_line(error)}")
            return
        if journal is None:  # of an earlier version, or of another folder
            run = self._remote.run(run_id)
            with self._remote.answering():
                getattr(run, call)(**options)
        elif self._sender.is_begun:
            self._sender.begin(journal)
        else:
            self._send(journal)

    def _send(self, journal: Journal) -> None:
        """Send a journal now, or say how that is done later."""
        try:
            send(journal, self._remote, self._index)
        except (StoreError, OSError) as error:
            note(f"unsent    {one_line(error)}; later: {command_name()} track {journal.folder}")

    def living(self, run: StoredRun) -> StoredRun | None:
        """Mark a run whose process has died; return None where it is there no longer."""
        if run.status != "RUNNING" or not is_dead(run.tags.get(PROCESS, "")):
            return run
        journal = self._index.find(run.run_id)
        if journal is not None and not journal_records.is_abandoned(journal):
            # it ended, and then its process, or goes on in another, after the store was asked
            return journal_records.recorded_run(journal, self._index)
        try:
            self.write(run.run_id, "set_tags", tags=DEAD)
            self.write(run.run_id, "end", status="KILLED")
        except RefusedError:  # its folder, or the run in MLflow, was deleted after they were asked
            return None
        return replace(run, status="KILLED", tags=run.tags | DEAD)
