"""Sending of journals to a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from runner.base.console import note
from runner.base.errors import RefusedError, RunnerError, StoreError
from runner.tracking.journal import Entry, Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_records import is_abandoned, is_open
from runner.tracking.processes import DEAD
from runner.tracking.run_store import Conditions, RegisteredNetwork, StoredRun
from runner.tracking.system_metrics import Monitor

_BUFFERED = "log_epoch"
_CALLS = {"reopen", "set_tags", "set_parent", "end", _BUFFERED}
_CALLS |= {"log_configuration", "log_metrics", "log_file", "log_network", "log_parameters"}
_CALLS |= {"log_data", "log_table", "log_images", "log_system", "compare_by", "register"}
_WAIT_FOR_PARENT = 5
_STEPS = 100
"""Calls after which it is noted that the store has them: a slow one gets further each time."""


class SentRun(Protocol):
    """A run of a store; it has a method for each call in a journal."""

    time: float

    def flush(self) -> None:
        """Send what the calls before have buffered."""


class RemoteStore(Protocol):
    """A store that may fail; see `runner.tracking.mlflow_store`."""

    def new_monitor(self) -> Monitor:
        """Return what measures the system for one run."""

    def create(self, opening: Entry, key: str, parent: str) -> str:
        """Return the id of the run with a key, which is created unless there is one."""

    def id_of(self, key: str) -> str:
        """Return the id of the run with a key, or an empty string."""

    def has(self, run_id: str) -> bool:
        """Tell whether the store has a run, not deleted."""

    def run(self, run_id: str) -> SentRun:
        """Return a run that calls are sent to."""

    def answering(self) -> AbstractContextManager[None]:
        """Connect to the store; turn whatever it raises into StoreError or RefusedError."""

    def find(self, conditions: Conditions) -> list[StoredRun]:
        """Return the runs that meet all conditions."""

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return a local copy of a file of a run, or None."""

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Copy the files of a run into a folder; return the file of its network, or None."""

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Copy a registered network into a folder; see `RunStore.registered`."""

    def registered_as(self, run_id: str) -> str | None:
        """Return the address of the registered network of a run, or None."""

    def whereabouts(self, run_id: str) -> dict[str, str]:
        """Return what people look at a run with; with an empty string, what is known of all."""


def send(
    journal: Journal,
    remote: RemoteStore,
    index: JournalIndex,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Send what the store does not have; nothing, where another process does so at the moment.

    Of a run that is deleted meanwhile, in the store or with its folder, nothing more is sent.

    Args:
        journal: of a run.
        remote: store.
        index: of the other journals, among them that of the parent run.
        progress: called after each step; an exception of it stops the sending.

    Raises:
        StoreError: the store does not answer; what it has is noted.
    """
    if journal.is_sent:
        return
    try:
        # its folder may be deleted; where the run goes on, the next attempt sends the rest
        with suppress(FileNotFoundError), journal.sending() as owned:
            if owned and not journal.is_sent:
                _send_rest(journal, remote, index, progress)
    except _DeletedError:
        journal.note_deleted()
        note(f"note: {journal.folder}: its run was deleted in the store, which gets no more of it")


def _send_rest(
    journal: Journal, remote: RemoteStore, index: JournalIndex, progress: Callable[[], None]
) -> None:
    run_id = _created(journal, remote, index)
    run = remote.run(run_id)
    entries = journal.entries(journal.sent)
    while steps := list(islice(entries, _STEPS)):
        for entry in steps:
            _send_entry(entry, run, journal, remote, index)
            if entry.call != _BUFFERED:
                journal.note_sent(entry.end, run_id)
                progress()
        _flush(run, journal, remote)
        journal.note_sent(steps[-1].end, run_id)
        progress()


def left_behind(index: JournalIndex) -> Iterator[Journal]:
    """Yield unsent journals of runs that have ended, however they did."""
    for journal in index.unsent():
        end_dead(journal)
        if not is_open(journal):
            yield journal


def end_dead(journal: Journal) -> None:
    """End a run whose process has died, unless its folder is deleted meanwhile."""
    with suppress(FileNotFoundError):
        if is_abandoned(journal):
            journal.append("set_tags", tags=DEAD)
            journal.append("end", status="KILLED")


def _created(journal: Journal, remote: RemoteStore, index: JournalIndex) -> str:
    """Return the id of a run that the store has from now on."""
    if journal.is_created:
        return journal.run_id
    opening = journal.opening
    parent = _parent_id(opening.options["parent"], remote, index)
    try:
        run_id = remote.create(opening, journal.key, parent)
    except RefusedError as error:
        raise StoreError(str(error)) from error
    journal.note_sent(opening.end, run_id)
    index.name(journal, run_id)
    return run_id


def _parent_id(parent: str, remote: RemoteStore, index: JournalIndex) -> str:
    """Return the id of a parent run, given its key or id."""
    if not parent or (journal := index.find(parent)) is None:
        return parent and (remote.id_of(parent) or parent)
    with journal.sending(_WAIT_FOR_PARENT) as owned:
        if owned or journal.is_created:
            return _created(journal, remote, index)
    raise StoreError(f"run {parent} is being sent by another process")


def _send_entry(
    entry: Entry, run: SentRun, journal: Journal, remote: RemoteStore, index: JournalIndex
) -> None:
    """Send one call; what cannot be sent, now or later, is left out and named."""
    if entry.call != _BUFFERED:
        _flush(run, journal, remote)
    run.time = entry.time
    with _leaving_out(entry.call, journal, remote):
        options = _options(entry, journal, remote, index)
        if entry.call == _BUFFERED:
            getattr(run, entry.call)(**options)
            return
        with remote.answering():
            getattr(run, entry.call)(**options)


def _flush(run: SentRun, journal: Journal, remote: RemoteStore) -> None:
    with _leaving_out(_BUFFERED, journal, remote), remote.answering():
        run.flush()


@contextmanager
def _leaving_out(call: str, journal: Journal, remote: RemoteStore) -> Iterator[None]:
    """Leave out and name what the store refuses, unless it has deleted the run."""
    try:
        yield
    except StoreError:
        raise
    except (RunnerError, TypeError, ValueError) as error:
        if not remote.has(journal.run_id):
            raise _DeletedError from error
        note(f"note: {journal.folder}: {call} is not sent: {error}")


def _options(
    entry: Entry, journal: Journal, remote: RemoteStore, index: JournalIndex
) -> dict[str, Any]:
    """Return the options of a call, with whole paths and the ids of the store."""
    if entry.call not in _CALLS:
        raise RefusedError(f"expected one of {', '.join(sorted(_CALLS))}")
    options = dict(entry.options)
    if entry.call == "set_parent":
        options["parent"] = _parent_id(options["parent"], remote, index)
    if "path" in options:
        options["path"] = path = (journal.folder / options["path"]).resolve()
        if not path.is_relative_to(journal.folder.resolve()):
            raise RefusedError(f"{path}: lies outside the folder of the run")
        if not path.is_file():
            raise RefusedError(f"{path}: is gone")
    return options


class _DeletedError(Exception):
    """The store has deleted the run."""
