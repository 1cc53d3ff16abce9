"""MLflow in a process of its own: to import it and to send a run take seconds of Python.

In a thread they would be seconds of the run, too, since one thread of Python runs at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import cache, partial
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Any, cast

from runner.base.errors import StoreError
from runner.base.worker_process import WorkerProcess
from runner.tracking.system_metrics import Monitor

_WORKER = "runner.tracking.mlflow_worker"


@cache
def process_for(outputs: Path, uri: str | None) -> MlflowProcess:
    """Return the one process for a store, which every job of this process uses."""
    return MlflowProcess(outputs, uri)


class MlflowProcess:
    """A `runner.tracking.mlflow_store.MlflowStore` in another process, which starts at once.

    Its methods are those of that store, and of its monitor.

    One that died is started again when it is asked for something.

    Args:
        outputs: see `MlflowStore`.
        uri: likewise.
    """

    def __init__(self, outputs: Path, uri: str | None) -> None:
        self._place, self._starting = (outputs.resolve(), uri), Lock()
        self._line: _Line | None = None
        with suppress(StoreError):  # said when it is asked for something
            self._open_line()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a method of the store."""
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self._ask, name)

    def run(self, run_id: str) -> _SentRun:
        """Return a run that calls are sent to."""
        return _SentRun(self._ask, run_id)

    @property
    def monitor(self) -> Monitor:
        """What measures the system."""
        return cast("Monitor", self)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Do nothing: errors come as StoreError and RefusedError."""
        yield

    def _ask(self, name: str, *arguments: Any) -> Any:
        return self._open_line().ask(name, arguments)

    def _open_line(self) -> _Line:
        with self._starting:
            if self._line is None or not self._line.is_open:
                self._line = _Line(*self._place)
            return self._line


class _SentRun:
    """A run, to which the calls in its journal are sent; see `MlflowRun`."""

    def __init__(self, ask: Callable[..., Any], run_id: str) -> None:
        self.time = 0.0
        self._ask, self._run_id = ask, run_id
        ask("run", run_id)

    def __getattr__(self, call: str) -> Callable[..., None]:
        """Return what makes a call."""
        if call.startswith("_"):
            raise AttributeError(call)

        def log(**options: Any) -> None:
            self._ask("log", self._run_id, self.time, call, options)

        return log


class _Line:
    """A process, and what it was asked for and did not answer yet."""

    def __init__(self, outputs: Path, uri: str | None) -> None:
        self._sending, self._numbers = Lock(), count()
        self._asked: dict[int, Future[Any]] = {}
        self.is_open = True
        try:
            self._worker = WorkerProcess(_WORKER)
            self._worker.connection.send((outputs, uri))  # no argument: it may hold a password
        except OSError as error:
            raise StoreError(f"MLflow's process does not start: {error}") from error
        Thread(target=self._receive, daemon=True).start()

    def ask(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Have the process do something, and return what it gave."""
        answer: Future[Any] = Future()
        with self._sending:
            number = next(self._numbers)
            self._asked[number] = answer
            try:
                self._worker.connection.send((number, name, arguments))
            except OSError as error:
                raise StoreError(_ENDED) from error
        return answer.result()

    def _receive(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                number, value, error = self._worker.connection.recv()
                answer = self._asked.pop(number)
                answer.set_exception(error) if error else answer.set_result(value)
        with self._sending:
            self.is_open = False
            self._worker.end()
            for answer in self._asked.values():
                answer.set_exception(StoreError(_ENDED))


_ENDED = "MLflow's process ended; it is started again"
