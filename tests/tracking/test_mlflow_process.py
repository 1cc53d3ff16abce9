"""MLflow in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import Pipe
from pathlib import Path

import psutil
import pytest

from runner.base.errors import ConfigurationError, SeedError, StoreError
from runner.base.program_files import command_name
from runner.tracking.journaled_store import JournaledStore
from runner.tracking.mlflow_process import MlflowProcess, process_for
from runner.tracking.mlflow_worker import _Worker
from runner.tracking.run_store import Conditions, RunStore

from .logged_runs import OUTPUTS, assert_logged_once, log_a_run


def store(process: MlflowProcess, uri: str | None = None) -> RunStore:
    return JournaledStore(process, OUTPUTS, uri, "digits")


def pid_of(process: MlflowProcess) -> int:
    assert process._requests is not None
    return process._requests._worker._process.pid


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


WITHOUT_RUN = {"serve": f"{command_name()} ui"}


def broken(workspace: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> MlflowProcess:
    """A process whose MLflow does something else when it is imported."""
    (workspace / "broken").mkdir()
    (workspace / "broken/mlflow.py").write_text(said)
    monkeypatch.setattr(sys, "path", [str(workspace / "broken"), *sys.path])
    return MlflowProcess(OUTPUTS, None)


def test_an_mlflow_that_cannot_be_imported_is_said_with_each_request(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    process = broken(workspace, monkeypatch, "raise ImportError('broken on purpose')")
    first = pid_of(process)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"MLflow at .*: broken on purpose"):
            process.id_of("key")
    assert pid_of(process) == first
    assert store(process).whereabouts("unknown") == WITHOUT_RUN
    assert capfd.readouterr().err == ""


def test_a_process_that_never_answered_is_not_started_again(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash = "import os; print('the last word', file=__import__('sys').stderr); os._exit(3)"
    process = broken(workspace, monkeypatch, crash)
    first = pid_of(process)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"^MLflow's process ended: the last word$"):
            process.id_of("key")
    assert pid_of(process) == first
    assert process.whereabouts("") == WITHOUT_RUN


@pytest.mark.parametrize("error", [OSError("no more processes"), RuntimeError("no threads")])
def test_without_a_process_a_run_ends_as_it_should(
    error: Exception, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("runner.tracking.mlflow_requests.WorkerProcess", fail)
    process = MlflowProcess(OUTPUTS, None)
    log_a_run(store(process), workspace / "run")
    assert store(process).whereabouts("unknown") == WITHOUT_RUN
    with pytest.raises(StoreError, match="MLflow's process does not start: no "):
        process.find(Conditions())


def test_one_that_hangs_is_ended(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del workspace
    process = MlflowProcess(OUTPUTS, None)
    found = process.find(Conditions())
    os.kill(first := pid_of(process), signal.SIGSTOP)
    with pytest.raises(StoreError, match=r"no answer within 0\.2 s"):
        process._ask("find", Conditions(), patience=0.2)
    assert process.find(Conditions()) == found
    assert pid_of(process) != first


def test_an_answer_that_cannot_be_read_is_no_wait_without_end(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del workspace
    process = MlflowProcess(OUTPUTS, None)
    found = process.find(Conditions())

    def unread(_: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr("multiprocessing.connection._ForkingPickler.loads", unread)
    with pytest.raises(StoreError, match="ended"):
        process.find(Conditions())
    monkeypatch.undo()
    assert process.find(Conditions()) == found


def test_a_run_of_a_process_that_died_is_sent_again(tmp_path: Path) -> None:
    here, there = Pipe()
    _Worker(there, tmp_path, None)._answer(1, "log", ("0123", 0.0, "log_epoch", {}))
    _, _, error = here.recv()
    assert isinstance(error, StoreError)
    assert str(error) == "MLflow's process was started again"


def test_errors_are_those_of_the_store(workspace: Path, absent: str) -> None:
    process = MlflowProcess(OUTPUTS, absent)
    with pytest.raises(StoreError, match=f"MLflow at {absent}"):
        process.find(Conditions())
    with pytest.raises(ConfigurationError, match="expected models:/NAME@ALIAS"):
        MlflowProcess(OUTPUTS, None).registered("models:/unknown", workspace)


def test_it_measures_the_system(workspace: Path) -> None:
    process = MlflowProcess(OUTPUTS, None)
    first, second = process.new_monitor(), process.new_monitor()
    first.look()
    assert 0 <= first.means()["system/cpu_utilization_percentage"] <= 100
    assert second.means().keys() <= {"system/gpu"}  # nothing of the other's


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
pid = process._requests._worker._process.pid
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
