"""MLflow in a process of its own."""

import os
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path
from typing import cast

import psutil
import pytest

from runner.base.errors import ConfigurationError, SeedError, StoreError
from runner.tracking.journal_sending import RemoteStore
from runner.tracking.journaled_store import JournaledStore
from runner.tracking.mlflow_process import MlflowProcess, process_for
from runner.tracking.mlflow_worker import _Worker
from runner.tracking.run_store import Conditions, RunStore

from .logged_runs import OUTPUTS, assert_logged_once, log_a_run


def store(process: MlflowProcess, uri: str | None = None) -> RunStore:
    return JournaledStore(cast("RemoteStore", process), OUTPUTS, uri, "digits")


def pid_of(process: MlflowProcess) -> int:
    assert process._line is not None
    return process._line._worker._process.pid


def test_a_run_is_logged_once_with_all_it_has(workspace: Path) -> None:
    process = MlflowProcess(OUTPUTS, None)
    log_a_run(store(process), workspace / "run")
    assert_logged_once(workspace / "run")
    (run,) = process.find(Conditions({"folder": str(workspace / "run")}))
    assert set(process.whereabouts(run.run_id)) == {"serve", "this run", "all runs"}


def test_a_process_that_is_killed_is_started_again(workspace: Path) -> None:
    process = MlflowProcess(OUTPUTS, None)
    process.find(Conditions())
    first = pid_of(process)
    with store(process).open("run", {"level": "job", "folder": str(workspace / "one")}):
        psutil.Process(first).kill()
    log_a_run(store(process), workspace / "run")
    assert_logged_once(workspace / "run")
    assert pid_of(process) != first
    assert [run.status for run in process.find(Conditions(name="run"))] == ["FINISHED"] * 2


def test_errors_are_those_of_the_store(workspace: Path, absent: str) -> None:
    process = MlflowProcess(OUTPUTS, absent)
    with pytest.raises(StoreError, match=f"MLflow at {absent}"):
        process.find(Conditions())
    with pytest.raises(ConfigurationError, match="expected models:/NAME@ALIAS"):
        MlflowProcess(OUTPUTS, None).registered("models:/unknown", workspace)


def test_it_measures_the_system(workspace: Path) -> None:
    monitor = MlflowProcess(OUTPUTS, None).monitor
    monitor.look()
    assert 0 <= monitor.means()["system/cpu_utilization_percentage"] <= 100


def test_every_request_is_answered_whatever_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = Pipe()
    worker = _Worker(there, tmp_path, None)
    monkeypatch.setattr(worker._store, "find", lambda: lambda: None, raising=False)
    worker._answer(1, "find", ())
    number, value, error = here.recv()
    assert (number, value) == (1, None)
    assert isinstance(error, StoreError)

    def fail() -> None:
        raise SeedError("no such seed", [1])

    monkeypatch.setattr(worker._store, "find", fail, raising=False)
    worker._answer(2, "find", ())
    number, _, error = here.recv()
    assert (number, type(error), str(error)) == (2, ConfigurationError, "no such seed")


PARENT = """
import os, signal, sys
from pathlib import Path
from runner.tracking.mlflow_process import MlflowProcess, process_for
from runner.tracking.mlflow_worker import _Worker
from runner.tracking.run_store import Conditions
process = MlflowProcess(Path("outputs"), None)
process.find(Conditions())
heavy = {"mlflow", "sqlalchemy"} & set(sys.modules)
pid = process._line._worker._process.pid
print(pid, os.getsid(pid), heavy, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_with_the_process_it_works_for_and_gets_no_signal_of_it(workspace: Path) -> None:
    del workspace
    deadline = time.monotonic() + 40
    command = [sys.executable, "-c", PARENT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    pid, session, heavy = done.stdout.split()
    assert int(session) != os.getsid(0)
    assert heavy == "set()"
    while psutil.pid_exists(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert time.monotonic() < deadline


def test_every_job_of_a_process_uses_the_same(workspace: Path) -> None:
    first, second = (process_for(workspace / "outputs", None) for _ in range(2))
    assert first is second
    assert process_for(workspace / "others", None) is not first
