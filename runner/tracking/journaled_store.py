"""A store of runs that may fail: what is logged goes into journals, which a thread sends."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

from runner.base.console import note
from runner.base.errors import RefusedError, StoreError
from runner.base.program_files import command_name
from runner.tracking import journal_records
from runner.tracking.journal import OPEN, Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import RemoteStore
from runner.tracking.journaled_changes import JournaledChanges
from runner.tracking.journaled_run import JournaledRun, journaled_path
from runner.tracking.journaled_search import JournaledSearch
from runner.tracking.processes import PROCESS, this_process
from runner.tracking.run_store import Conditions, RegisteredNetwork, RunStore, Status, StoredRun
from runner.tracking.sender import Sender
from runner.tracking.system_metrics import system_metrics


class JournaledStore:
    """A store whose runs are written into journals first; see `runner.tracking.journal`.

    Args:
        remote: store that journals are sent to.
        outputs: folder that has the index of the journals.
        uri: of the store; None means the one in `outputs`.
        experiment: that new runs are added to; empty for reading only.
        log_model: whether trained networks are logged.
    """

    def __init__(
        self,
        remote: RemoteStore,
        outputs: Path,
        uri: str | None,
        experiment: str = "",
        log_model: bool = True,
    ) -> None:
        self._remote, self._outputs, self._uri = remote, outputs, uri
        self._experiment, self._log_model = experiment, log_model
        self._index = JournalIndex(outputs, uri)
        self._sender = Sender(remote, self._index, self.end_dead)
        self._search = JournaledSearch(remote, self._index)
        self._changes = JournaledChanges(remote, self._index, self._sender)
        self._depth = 0
        self._note_once = cache(note)

    @contextmanager
    def open(
        self,
        name: str,
        tags: Mapping[str, str],
        parent: str | None = None,
        run_id: str | None = None,
    ) -> Iterator[JournaledRun]:
        """Open a run; see `RunStore.open`."""
        journal = self._reopened(name, tags, run_id) if run_id else self._new(name, tags, parent)
        run = JournaledRun(journal, self._sender, self._log_model)
        self._sender.begin(journal)
        self._depth += 1
        try:
            measured = (
                system_metrics(run.log_system, self._remote.new_monitor())
                if tags.get("level") == "job"
                else nullcontext()
            )
            with run.ending(), measured:
                yield run
        finally:
            self._depth -= 1
            within = self._sender.wake if tags.get("level") == "seed" else self._sender.settle
            within() if self._depth else self._finish(journal)

    def _new(self, name: str, tags: Mapping[str, str], parent: str | None) -> Journal:
        journal = self._index.add(uuid.uuid4().hex, tags.get("folder"))
        own = dict(tags) | {PROCESS: this_process()}
        place = {"uri": self._uri, "experiment": self._experiment}
        journal.append(OPEN, name=name, tags=own, parent=parent or "", **place)
        return journal

    def _reopened(self, name: str, tags: Mapping[str, str], run_id: str) -> Journal:
        journal = self._index.find(run_id)
        if journal is None:  # a run of an earlier version
            journal = self._new(name, tags, None)
            journal.note_sent(journal.opening.end, run_id)
            self._index.name(journal, run_id)
        journal.append("reopen", tags=dict(tags) | {PROCESS: this_process()})
        return journal

    def _finish(self, journal: Journal) -> None:
        """Wait a little for what is not sent yet; say what remains."""
        problem = self._sender.finish()
        if problem:
            note(
                f"unsent    {journal.unsent} entries of this run ({problem}); later: "
                f"{command_name()} track {journal.folder}"
            )

    def beside(self, run: StoredRun) -> RunStore:
        """Return this store, with the experiment of `run` for new runs."""
        return JournaledStore(
            self._remote, self._outputs, self._uri, run.experiment, self._log_model
        )

    def find(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        id_start: str | None = None,
        parent: str | None = None,
        status: Status | None = None,
    ) -> list[StoredRun]:
        """Return the runs that meet all conditions, those included that are not sent yet.

        Where the store does not answer, the journals say what they know.

        Raises:
            StoreError: it does not answer, and they know no such run that could be read.
        """
        conditions = Conditions(tags, name, id_start, parent, status)
        found, problem = self._search.find(conditions)
        if problem and not self._experiment:
            if not found:
                raise problem
            self._note_once(f"note: {problem}; of runs, only what their folders tell is known")
        living = [run for run in map(self._changes.living, found) if run is not None]
        return sorted(living, key=lambda run: run.started)

    def end_dead(self) -> None:
        """Mark every open run whose process has died; see `RunStore.end_dead`."""
        self.find(status="RUNNING")

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Attach tags to a run that is not open in this process."""
        self._changes.write(run_id, "set_tags", tags=dict(tags))

    def set_parent(self, run_id: str, parent: str) -> None:
        """Make a run a child of another run."""
        self._changes.write(run_id, "set_parent", parent=parent)

    def end(self, run_id: str, status: Status) -> None:
        """End a run that is not open in this process."""
        self._changes.write(run_id, "end", status=status)

    def add_failed(self, name: str, tags: Mapping[str, str], parent: str) -> None:
        """Add a run with the status FAILED."""
        journal = self._new(name, tags, parent)
        self._changes.write(journal.key, "end", status="FAILED")

    def add_figures(self, run_id: str, paths: Iterable[Path], folder: str = "figures") -> None:
        """Log figures with a run that has ended, in a folder of its files."""
        journal = self._index.find(run_id)
        for path in paths:
            named = journaled_path(journal, path) if journal else path
            self._changes.write(run_id, "log_file", path=named, folder=folder)

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return the path of a file in the folder of a run or, without one, of a copy; or None."""
        if run.folder is None:
            return self._remote.file(run, name)
        return run.folder / name if (run.folder / name).is_file() else None

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""
        journal = self._index.find(run.parent if run.level == "seed" else run.run_id)
        logged = journal_records.configuration(journal) if journal else {}
        return logged or self._remote.configuration(run)

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Copy the files of a run into a folder; return the file of its network, or None."""
        return self._remote.network(run, folder)

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Copy a registered network into a folder; see `RunStore.registered`."""
        return self._remote.registered(address, folder)

    def register(self, run: StoredRun, name: str, error: float) -> str | None:
        """Register the network of a run; see `RunStore.register`."""
        self._changes.write(run.run_id, "register", name=name, error=error)
        self._sender.settle()
        try:
            return self._remote.registered_as(self._index.id_of(run.run_id) or "")
        except (StoreError, RefusedError):
            return None  # it is registered when it is sent, unless it is deleted

    def whereabouts(self, run_id: str) -> dict[str, str]:
        """Return what people look at a run with; see `RunStore.whereabouts`."""
        journal = self._index.find(run_id)
        known = journal is None or (journal.is_created and not self._sender.problem)
        try:
            return self._remote.whereabouts(self._index.id_of(run_id) or "" if known else "")
        except (StoreError, RefusedError):  # it does not answer, or has deleted the run
            return self._remote.whereabouts("")
