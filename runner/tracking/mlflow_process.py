"""MLflow in a process of its own: to import it and to send a run take seconds of Python.

In a thread they would be seconds of the run, too, since one thread of Python runs at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from runner.base.errors import StoreError
from runner.tracking import mlflow_view
from runner.tracking.journal import Entry
from runner.tracking.mlflow_requests import Requests
from runner.tracking.run_store import Conditions, RegisteredNetwork, StoredRun

_PATIENCE = 120.0
"""Seconds for an answer that the run waits for, not the thread that sends; the first waits for the
import of MLflow."""


@cache
def process_for(outputs: Path, uri: str | None) -> MlflowProcess:
    """Return the one process for a store, which every job of this process uses."""
    return MlflowProcess(outputs, uri)


class MlflowProcess:
    """A `runner.tracking.mlflow_store.MlflowStore` in another process, which starts at once.

    One that died is started again when it is asked for something, unless it never answered.

    Args:
        outputs: see `MlflowStore`.
        uri: likewise.
    """

    def __init__(self, outputs: Path, uri: str | None) -> None:
        self._outputs, self._uri = outputs.resolve(), uri
        self._starting, self._monitors = Lock(), count()
        self._requests: Requests | None = None
        with suppress(StoreError):  # raised again by the first request
            self._open_requests()

    def create(self, opening: Entry, key: str, parent: str) -> str:
        """Return the id of a run; see `MlflowStore.create`."""
        return str(self._ask("create", opening, key, parent, patience=None))

    def has(self, run_id: str) -> bool:
        """Tell whether the store has a run, not deleted."""
        return bool(self._ask("has", run_id))

    def run(self, run_id: str) -> _SentRun:
        """Return a run that calls are sent to."""
        return _SentRun(self._ask, run_id)

    def new_monitor(self) -> _SentMonitor:
        """Return what measures the system for one run."""
        return _SentMonitor(self._ask, next(self._monitors))

    def id_of(self, key: str) -> str:
        """Return the id of the run with a key, or an empty string."""
        return str(self._ask("id_of", key))

    def find(self, conditions: Conditions) -> list[StoredRun]:
        """Return the runs that meet all conditions."""
        found: list[StoredRun] = self._ask("find", conditions)
        return found

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return a local copy of a file of a run, or None."""
        copy: Path | None = self._ask("file", run, name, patience=None)
        return copy

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""
        configuration: dict[str, Any] = self._ask("configuration", run)
        return configuration

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Download the files of a run; see `MlflowStore.network`."""
        network: Path | None = self._ask("network", run, folder, patience=None)
        return network

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Download a registered network; see `RunStore.registered`."""
        network: RegisteredNetwork = self._ask("registered", address, folder, patience=None)
        return network

    def registered_as(self, run_id: str) -> str | None:
        """Return the address of the registered network of a run, or None."""
        address: str | None = self._ask("registered_as", run_id)
        return address

    def whereabouts(self, run_id: str) -> dict[str, str]:
        """Return the addresses of a run; see `MlflowStore.whereabouts`.

        Without a run nothing is asked: what a finished training ends with needs no MLflow.
        """
        return mlflow_view.whereabouts(
            self._uri, run_id, lambda: str(self._ask("experiment_of", run_id))
        )

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Do nothing: errors come as StoreError and RefusedError."""
        yield

    def _ask(self, name: str, *arguments: Any, patience: float | None = _PATIENCE) -> Any:
        return self._open_requests().ask(name, arguments, patience)

    def _open_requests(self) -> Requests:
        with self._starting:
            requests = self._requests
            if requests is None or (requests.has_ended and requests.has_answered):
                requests = self._requests = Requests(self._outputs, self._uri)
            return requests


class _SentRun:
    """A run, to which the calls in its journal are sent; see `MlflowRun`."""

    def __init__(self, ask: Callable[..., Any], run_id: str) -> None:
        self.time = 0.0
        self._ask, self._run_id = ask, run_id
        ask("run", run_id)

    def flush(self) -> None:
        """Send what the calls before have buffered."""
        self._log("flush", {})

    def __getattr__(self, call: str) -> Callable[..., None]:
        """Return what makes a call of a journal."""
        if call.startswith("_"):
            raise AttributeError(call)
        return lambda **options: self._log(call, options)

    def _log(self, call: str, options: dict[str, Any]) -> None:
        self._ask("log", self._run_id, self.time, call, options, patience=None)


class _SentMonitor:
    """A `runner.tracking.system_metrics.SystemMonitor` of the other process."""

    def __init__(self, ask: Callable[..., Any], number: int) -> None:
        self._ask, self._number = ask, number

    def look(self) -> None:
        """Take a sample."""
        self._ask("look", self._number)

    def means(self) -> dict[str, float]:
        """Return the means of the samples since the last call."""
        means: dict[str, float] = self._ask("means", self._number)
        return means
