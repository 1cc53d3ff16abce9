"""Whether the process of a run has died, with Linux' /proc and without it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.tracking import processes
from runner.tracking.processes import is_dead, this_process


@pytest.fixture(params=["linux", "elsewhere"])
def system(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Windows and macOS have no /proc; what is known there comes from psutil."""
    cached = (processes._host, processes._boot)
    if request.param == "elsewhere":
        monkeypatch.setattr(processes, "_PROC", tmp_path / "proc")
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


@pytest.mark.usefixtures("system")
def test_only_processes_of_this_host_that_ended_are_dead() -> None:
    own = this_process()
    host, pid, start, boot = own.split()
    assert not is_dead(own)
    assert not is_dead("")
    assert not is_dead(f"elsewhere:1 {pid} 1 {boot}")
    assert is_dead(f"{host} {pid} 1 {boot}")  # its number was given to another process
    assert is_dead(f"{host} {pid} {start} before")  # the host was started again
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    time.sleep(0.5)
    assert is_dead(f"{host} {child.pid} 1 {boot}")
    child.wait()
