"""Requests to a process that speaks to MLflow; see `runner.tracking.mlflow_process`."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from runner.base.errors import StoreError
from runner.base.worker_process import WorkerProcess

_WORKER = "runner.tracking.mlflow_worker"


class Requests:
    """A process that is started, and what it was asked for and did not answer yet.

    Args:
        outputs: see `MlflowStore`.
        uri: likewise.

    Attributes:
        has_ended: whether the process has.
        has_answered: whether it ever answered: one that did not would not if it is started again.

    Raises:
        StoreError: the system allows no more processes.
    """

    def __init__(self, outputs: Path, uri: str | None) -> None:
        self._sending, self._numbers = Lock(), count()
        self._asked: dict[int, Future[Any]] = {}
        self.has_ended = self.has_answered = False
        try:
            self._worker = WorkerProcess(_WORKER)
            self._worker.connection.send((outputs, uri))  # no argument: it may hold a password
            Thread(target=self._receive, daemon=True).start()
        except (OSError, RuntimeError) as error:
            raise StoreError(f"MLflow's process does not start: {error}") from error

    def ask(self, name: str, arguments: tuple[Any, ...], patience: float | None) -> Any:
        """Have the process do something, and return what it gave.

        Args:
            name: of a method of `MlflowStore`, or what the process does beside them.
            arguments: of it.
            patience: seconds after which the process is ended; None waits for its answer.

        Raises:
            StoreError: the process does not answer, or this is its answer.
            RefusedError: likewise.
        """
        answer: Future[Any] = Future()
        with self._sending:
            if self.has_ended:
                raise self._ended()
            number = next(self._numbers)
            self._asked[number] = answer
            try:
                self._worker.connection.send((number, name, arguments))
            except OSError as error:
                raise self._ended() from error
        try:
            return answer.result(patience)
        except TimeoutError as error:
            self._end()
            raise StoreError(f"MLflow's process gave no answer within {patience:g} s") from error

    def _receive(self) -> None:
        """Hand out answers; with one that cannot be read, as with the end of the process, end."""
        with suppress(Exception):
            while True:
                number, value, error = self._worker.connection.recv()
                self.has_answered = True
                answer = self._asked.pop(number)
                answer.set_exception(error) if error else answer.set_result(value)
        self._end()
        for answer in self._asked.values():
            answer.set_exception(self._ended())

    def _end(self) -> None:
        with self._sending:  # nobody asks from here on
            self.has_ended = True
            self._worker.end()

    def _ended(self) -> StoreError:
        said = self._worker.last_words()
        again = "; it is started again" if self.has_answered else ""
        return StoreError(f"MLflow's process ended{f': {said}' if said else ''}{again}")
