"""A process of Python that works for this one: it has an interpreter, and a lock, of its own.

It is no part of this one's process group: Ctrl-C does not reach it; and it ends by itself with the
process that it works for, even if that is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from tempfile import TemporaryFile
from threading import Thread

_LONGEST = 2_000
"""Bytes of the last line of standard error."""

CAN_START = sys.platform == "linux"
"""Whether this system has worker processes; without them a run draws its figures, and sends to
MLflow, in its own process.

Windows has no file descriptors that another process inherits. On macOS nobody has seen them run,
and it does not say how many cores are for this process (`os.sched_getaffinity`).
"""


class WorkerProcess:
    """One process, and the connection to it.

    Args:
        module: that it runs; begins with `connect`.

    Attributes:
        connection: to it.

    Raises:
        OSError: the system allows no more processes.
    """

    def __init__(self, module: str) -> None:
        self.connection, other = Pipe()
        # this process's standard error may be a job's file for a while
        self._errors = TemporaryFile()  # noqa: SIM115 - as long as the process
        own = {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        with closing(other):
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-u", "-m", module, str(other.fileno())],
                env=os.environ | own,
                pass_fds=[other.fileno()],
                stdin=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )

    def last_words(self) -> str:
        """Return the last line of what it wrote to its standard error."""
        file = self._errors.fileno()
        start = max(os.fstat(file).st_size - _LONGEST, 0)
        lines = os.pread(file, _LONGEST, start).splitlines()
        return lines[-1].decode(errors="replace") if lines else ""

    def end(self) -> None:
        """End the process, whatever it does; it would take its time to leave by itself."""
        with self._process:
            self._process.kill()


def connect() -> Connection:
    """Return the connection of this process to the one that started it, and end with that."""
    Thread(target=_end_with_the_other, daemon=True).start()
    return Connection(int(sys.argv[1]))


def _end_with_the_other() -> None:
    """End at once: a run that goes on with the other's folder must not find a file written."""
    sys.stdin.read()  # comes to its end when the other does, even if that is killed
    os._exit(0)
