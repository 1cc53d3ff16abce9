"""A process that speaks to MLflow; see `runner.tracking.mlflow_process`."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any

from runner.base.errors import ConfigurationError, DataError, RefusedError, StoreError, one_line
from runner.base.worker_process import connect
from runner.tracking.mlflow_run import MlflowRun
from runner.tracking.mlflow_store import MlflowStore
from runner.tracking.system_metrics import SystemMonitor

_PRELOADED = "mlflow.store.tracking.sqlalchemy_store"
"""What takes MLflow seconds to import, when it creates a run in a database."""

_SENT = (StoreError, RefusedError, ConfigurationError, DataError, TypeError, ValueError)
"""What the process that asks tells apart."""


class _Worker:
    """Does what is asked for, each request in a thread, so that few wait for one another.

    Args:
        connection: to the process that asks.
        outputs: see `MlflowStore`.
        uri: likewise.
    """

    def __init__(self, connection: Connection, outputs: Path, uri: str | None) -> None:
        self._connection, self._sending = connection, Lock()
        self._store = MlflowStore(outputs, uri)
        self._runs: dict[str, MlflowRun] = {}
        self._monitors: defaultdict[int, SystemMonitor] = defaultdict(SystemMonitor)

    def serve(self) -> None:
        """Answer until nobody asks."""
        with suppress(EOFError, OSError), ThreadPoolExecutor() as threads:
            while True:
                threads.submit(self._answer, *self._connection.recv())

    def _answer(self, number: int, name: str, arguments: tuple[Any, ...]) -> None:
        """Send the number of a request, and what it gave, or the error of it."""
        try:
            answer = pickle.dumps((number, self._called(name)(*arguments), None))
        except Exception as problem:  # noqa: BLE001 - whatever it is, somebody waits for the answer
            answer = pickle.dumps((number, None, _plain(problem)))
        with self._sending, suppress(OSError):
            self._connection.send_bytes(answer)

    def _called(self, name: str) -> Any:
        own = {"run": self._open, "log": self._log, "look": self._look, "means": self._means}
        return own.get(name) or getattr(self._store, name)

    def _look(self, monitor: int) -> None:
        self._monitors[monitor].look()

    def _means(self, monitor: int) -> dict[str, float]:
        return self._monitors[monitor].means()

    def _open(self, run_id: str) -> None:
        self._runs[run_id] = self._store.run(run_id)

    def _log(self, run_id: str, time: float, call: str, options: Mapping[str, Any]) -> None:
        """Make one call of a run; see `runner.tracking.journal_sending.SentRun`."""
        run = self._runs.get(run_id)
        if run is None:  # what it had buffered was lost with the process, and is sent again
            raise StoreError("MLflow's process was started again")
        run.time = time
        if call == "log_epoch":  # which only buffers
            run.log_epoch(**options)
            return
        with self._store.answering():
            getattr(run, call)(**options)


def _plain(problem: Exception) -> Exception:
    """Return an error of a known kind, with its message alone: not every error can be sent."""
    kind = next((kind for kind in _SENT if isinstance(problem, kind)), None)
    return kind(str(problem)) if kind else StoreError(one_line(problem))


def main() -> None:
    """Import MLflow, and serve the process that started this one."""
    connection = connect()
    outputs, uri = connection.recv()
    with suppress(Exception):  # said when it is asked for something
        import_module(_PRELOADED)
    _Worker(connection, outputs, uri).serve()


if __name__ == "__main__":
    main()
