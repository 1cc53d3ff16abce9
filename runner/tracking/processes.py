"""The process of a run, as a tag, and whether it has died."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

import psutil

PROCESS = "process"
"""Tag of a run: host, process id, start of the process and of the host."""

DEAD = {"error": "its process ended without a word"}
"""Tags of a run whose process died."""

_PROC = Path("/proc")


def this_process() -> str:
    """Return the tag of this process."""
    return " ".join([_host(), str(os.getpid()), _start(os.getpid()), _boot()])


def is_dead(process: str) -> bool:
    """Tell whether a process of this host has ended; of other hosts nothing is known.

    Args:
        process: its tag; an empty one, of an earlier version, tells nothing.
    """
    match process.split():
        case [host, pid, start, boot] if host == _host():
            return boot != _boot() or start != _start(int(pid))
    return False


def is_alive(process: str) -> bool:
    """Tell whether another process of this host goes on; of other hosts nothing is known.

    Args:
        process: its tag.
    """
    known = process.split()[:1] == [_host()]
    return known and process != this_process() and not is_dead(process)


@cache
def _host() -> str:
    """Return names that no two systems share: of the host, its installation, its container."""
    installation = Path("/etc/machine-id")
    number = installation.read_text().strip()[:12] if installation.is_file() else ""
    container = _PROC / "self/ns/pid"
    inode = container.stat().st_ino if container.exists() else ""
    return f"{socket.gethostname()}:{number}:{inode}"


@cache
def _boot() -> str:
    boot = _PROC / "sys/kernel/random/boot_id"
    return boot.read_text().strip()[:12] if boot.is_file() else "-"


def _start(pid: int) -> str:
    """Return when a process started; empty where there is none.

    On Linux in ticks of the host: the time of day, which psutil tells, is set while processes run.
    Windows and macOS keep the time of day of the start itself.
    """
    if not _PROC.is_dir():
        return _start_elsewhere(pid)
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    state, *others = text.rpartition(")")[2].split()
    return "" if state == "Z" else others[18]


def _start_elsewhere(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return "" if ended else repr(process.create_time())
    except psutil.Error:
        return ""
