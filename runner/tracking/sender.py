"""A thread that sends journals, so that a training never waits for a store."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Thread

from runner.base.console import note
from runner.base.errors import StoreError
from runner.tracking.journal import Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import RemoteStore, left_behind, send

_PAUSE, _RETRY = 1.0, 10.0
"""Seconds between two attempts, and after one that failed."""

_PATIENCE = 8.0
"""Seconds that a run which ends waits for a store that did not answer before."""

_SLOWEST = 30.0
"""Seconds that a single step may take, such as the upload of a network."""

_OTHERS = 10.0
"""Seconds that a run which ends goes on sending what earlier ones left behind."""


class Sender:
    """Sends the journals of this process while it runs, and those that others left behind.

    Args:
        remote: store.
        index: of the journals.
        tidy: called once, when the store answers.

    Attributes:
        is_begun: whether a journal is to be sent from now on, until it is told to finish.
        problem: why the last attempt failed, or an empty string.
    """

    def __init__(
        self, remote: RemoteStore, index: JournalIndex, tidy: Callable[[], object]
    ) -> None:
        self._remote, self._index, self._tidy = remote, index, tidy
        self._journals: list[Journal] = []
        self._wake, self._stopped = Event(), False
        self._thread: Thread | None = None
        self.is_begun, self.problem = False, ""
        self._attempts = self._steps = 0
        self._others_sent = False

    def begin(self, journal: Journal) -> None:
        """Send a journal from now on."""
        self.is_begun = True
        if journal.key not in [one.key for one in self._journals]:
            self._journals.append(journal)
        if self._thread is None:
            self._stopped, self._others_sent = False, False
            self._thread = Thread(target=self._work, daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Send what there is, while the next seed is trained or evaluated."""
        self._wake.set()

    def settle(self) -> None:
        """Wait until everything is sent, unless the store does not answer."""
        self._wake.set()
        self._await(lambda: self.problem != "" or self._are_sent())

    def finish(self) -> str:
        """End the thread, after one more attempt; return the problem, or an empty string."""
        self.is_begun, attempts = False, self._attempts + 1
        self._wake.set()
        self._await(lambda: self._attempts > attempts or self._are_sent())
        end = time.monotonic() + _OTHERS
        self._await(lambda: bool(self.problem) or self._others_sent or time.monotonic() > end)
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        sent, self._journals, self._thread = self._are_sent(), [], None
        return "" if sent else self.problem or "it is slow"

    def _are_sent(self) -> bool:
        return all(journal.is_sent for journal in self._journals)

    def _await(self, done: Callable[[], bool]) -> None:
        """Wait for something, as long as there is progress."""
        steps, since = -1, 0.0
        while not done():
            if self._steps != steps:
                steps, since = self._steps, time.monotonic()
            elif time.monotonic() - since > (_PATIENCE if self.problem else _SLOWEST):
                break
            time.sleep(0.02)

    def _work(self) -> None:
        while not self._stopped:
            self._attempt()
            self._wake.wait(_RETRY if self.problem else _PAUSE)
            self._wake.clear()

    def _attempt(self) -> None:
        """Try to send everything; what happens here never ends a training."""
        try:
            for journal in list(self._journals):
                self._send(journal)
            if not self._others_sent:
                for journal in left_behind(self._index):
                    self._send(journal)
                self._tidy()
                self._others_sent = True
        except _StoppedError:
            pass
        except StoreError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
            self._fail(f"{type(error).__name__}: {error}")
        else:
            self.problem = ""
        self._attempts += 1

    def _send(self, journal: Journal) -> None:
        send(journal, self._remote, self._index, self._step)

    def _step(self) -> None:
        self._steps += 1
        if self._stopped:
            raise _StoppedError

    def _fail(self, problem: str) -> None:
        if not self.problem:
            line = " ".join(problem.split())
            note(f"note: {line}; the run goes on, what it logs is kept beside its files")
        self.problem = problem


class _StoppedError(Exception):
    """The run has ended, and does not wait any longer."""
