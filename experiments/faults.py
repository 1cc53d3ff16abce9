"""Faults that are done to a sweep while it runs; each is undone after some seconds.

A fault is a function of a `Victim`, the random state, and the seconds that it lasts, and returns
whether there was anything to do it to.
"""

import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psutil

_LEFT = 1 << 18
_WORKER = re.compile("LokyProcess-")
_START_SECONDS = 300


@dataclass
class Victim:
    """What faults are done to.

    Attributes:
        folder: that the sweep was started in, a file system of its own where the disk is filled.
        database: SQLite, of the runs.
        server: of the runs, or None.
        sweep: its process, while one runs.
    """

    folder: Path
    database: Path
    server: "Server | None"
    sweep: "subprocess.Popen[bytes] | None" = field(default=None)


class Server:
    """MLflow's server over a database in a folder, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self._port = free.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = self._folder
        places = ["--backend-store-uri", f"sqlite:///{folder / 'server.db'}"]
        places += ["--artifacts-destination", str(folder / "served"), "--workers", "1"]
        command = [sys.executable, "-m", "mlflow", "server", "--port", str(self._port), *places]
        with (folder / "server.txt").open("ab") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=output, start_new_session=True
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                sys.exit(f"MLflow's server does not start; see {folder / 'server.txt'}")
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill it and its workers."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.uri}/health", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)  # noqa: PLR2004
        except OSError:
            return False


def kill_worker(victim: Victim, moments: random.Random, seconds: float) -> bool:
    """Kill one of the processes that jobs run in."""
    del seconds
    running = workers(victim)
    if not running:
        return False
    with suppress(psutil.NoSuchProcess):
        moments.choice(running).kill()
    return True


def kill_sweep(victim: Victim, moments: random.Random, seconds: float) -> bool:
    """Kill the sweep itself."""
    del moments, seconds
    if victim.sweep is None or victim.sweep.poll() is not None:
        return False
    victim.sweep.kill()
    return True


def lock_database(victim: Victim, moments: random.Random, seconds: float) -> bool:
    """Lock the database for everybody else, once there is one."""
    del moments
    if not victim.database.is_file():
        return False
    with closing(sqlite3.connect(victim.database, timeout=60, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
    return True


def fill_disk(victim: Victim, moments: random.Random, seconds: float) -> bool:
    """Leave 256 KiB of the file system, or what is left when it is full."""
    del moments
    filler, free = victim.folder / "filler", psutil.disk_usage(str(victim.folder)).free
    try:
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - _LEFT))
        time.sleep(seconds)
    except OSError:  # others took the space meanwhile
        return False
    finally:
        filler.unlink()
    return True


def kill_server(victim: Victim, moments: random.Random, seconds: float) -> bool:
    """Kill the server, and start it again."""
    del moments
    if victim.server is None:
        return False
    victim.server.kill()
    time.sleep(seconds)
    victim.server.start()
    return True


FAULTS: dict[str, Callable[[Victim, random.Random, float], bool]] = {
    "worker": kill_worker,
    "sweep": kill_sweep,
    "lock": lock_database,
    "disk": fill_disk,
    "server": kill_server,
}


def workers(victim: Victim) -> list[psutil.Process]:
    """Return the processes that jobs run in, without the one that keeps account of semaphores.

    Where that one is killed, joblib starts another, which prints a traceback for each semaphore
    that it is told to forget and never knew.
    """
    return [each for each in _children(victim) if any(map(_WORKER.match, _command(each)))]


def _children(victim: Victim) -> list[psutil.Process]:
    try:
        return psutil.Process(victim.sweep.pid).children(recursive=True) if victim.sweep else []
    except psutil.NoSuchProcess:
        return []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
