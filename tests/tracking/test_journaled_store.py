"""A store that does not answer costs no training: what is logged is kept, and sent once."""

import errno
import json
import random
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any

import mlflow
import pytest
from calling import call
from filelock import FileLock

from runner.base.errors import StoreError
from runner.sweeps.report import report_command
from runner.tracking import track_command
from runner.tracking.folder_store import folder_store
from runner.tracking.journal import Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.mlflow_store import MlflowStore, mlflow_store
from runner.tracking.run_finder import existing_stores
from runner.tracking.run_store import RunStore
from tracking.logged_runs import LOSSES, OUTPUTS, assert_logged_once, locked, log_a_run, opened

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def silent() -> Iterator[str]:
    """Yield the address of a server that takes requests and answers none."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def tracked(*arguments: Any) -> Any:
    return call(track_command.main, *arguments)


def test_a_locked_database_is_not_waited_for_and_gets_everything_later(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, folder = opened(), workspace / "outputs/locked"
    with locked(OUTPUTS / "mlflow.db"):
        started = time.monotonic()
        log_a_run(store, folder)
        assert time.monotonic() - started < 8
        said = capsys.readouterr().err
        assert said.count("note: MLflow") == 1
        assert "database is locked; end the program that keeps it locked" in said
        assert said.splitlines()[-1].endswith(f"later: python -m runner track {folder}")
        refused = tracked(folder)
        assert refused.code == 1
        assert "1 of the runs not sent" in refused.error
    done = tracked(folder)
    assert done.code == 0, done.error
    assert "0 of 1 runs" in tracked(folder).out
    assert_logged_once(folder)


def test_a_database_that_is_free_again_gets_everything_during_the_run(workspace: Path) -> None:
    with opened().open("run", {}) as run:
        with locked(OUTPUTS / "mlflow.db"):
            run.log_metrics({"test_error": 0.5})
            time.sleep(0.6)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and JournalIndex(OUTPUTS, None).unsent():
            time.sleep(0.05)
        assert mlflow.MlflowClient().get_run(run.run_id).data.metrics == {"test_error": 0.5}


def test_no_network_is_loaded_while_a_training_draws_random_numbers(workspace: Path) -> None:
    folder, store = workspace / "outputs/run", opened()
    with store.open("job", {}):
        with locked(OUTPUTS / "mlflow.db"):
            log_a_run(store, folder)
        random.seed(0)
        drawn = []
        for _ in range(30):  # the database is free again
            drawn.append(random.random())
            time.sleep(0.05)
    random.seed(0)
    assert drawn == [random.random() for _ in range(30)]
    assert_logged_once(folder)


def test_a_server_that_says_nothing_is_waited_for_shortly_the_first_time(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # what MLflow would wait
    started = time.monotonic()
    with pytest.raises(StoreError, match=f"^MLflow at {silent}: timed out$"):
        MlflowStore(OUTPUTS, silent).id_of("key")
    assert time.monotonic() - started < 8  # ten are promised


@pytest.mark.parametrize("kind", ["silent", "absent"])
def test_a_server_that_does_not_answer_is_said_soon_and_blocks_nobody(
    kind: str,
    request: pytest.FixtureRequest,
    workspace: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    address, started = request.getfixturevalue(kind), time.monotonic()
    with opened(address).open("run", {"level": "job"}) as run:
        run.log_metrics({"test_error": 0.5})
        for _ in range(10):
            time.sleep(0.1)
            with FileLock(OUTPUTS / ".mlflow.lock", timeout=0):
                pass  # no other run would have to wait
    assert time.monotonic() - started < 10
    said = capsys.readouterr().err
    assert said.count(f"note: MLflow at {address}") == 1
    assert "unsent" in said.splitlines()[-1]


def test_a_database_that_was_lost_is_written_anew_from_the_folders(
    workspace: Path, command: Command
) -> None:
    with opened().open("lost", {"folder": str(workspace / "outputs/run")}) as run:
        run.log_epoch(0, {"loss": 2.0})
    (OUTPUTS / "mlflow.db").write_bytes(b"damaged")
    reported = command("report", cwd=workspace)
    assert reported.returncode == 1
    assert reported.stderr.count("\n") == 1
    assert "not a database; restore the file, or move it away" in reported.stderr
    (OUTPUTS / "mlflow.db").rename("damaged.db")
    said = command("track", "outputs", "--all", cwd=workspace)
    assert said.returncode == 0, said.stderr
    with closing(sqlite3.connect(OUTPUTS / "mlflow.db")) as written:
        assert written.execute("select name, status from runs").fetchall() == [("lost", "FINISHED")]
        assert written.execute("select key, value, step from metrics").fetchall() == [
            ("loss", 2, 0)
        ]


@pytest.mark.parametrize("word", ["latest", "outputs/run"])
def test_a_run_has_its_page_where_the_database_is_damaged(word: str, workspace: Path) -> None:
    with opened().open("it", {"level": "job", "folder": str(workspace / "outputs/run")}):
        report = {"seed": 0, "epochs": 0, "parameters": 7, "train_seconds": 0.0, "test_error": 0.25}
        (OUTPUTS / "run/report.json").write_text(json.dumps(report))
    (OUTPUTS / "mlflow.db").write_bytes(b"damaged")
    said = call(report_command.main, "html", word)
    assert said.code == 0, said.error
    assert "test error: 25.00 %" in (OUTPUTS / "run/report.html").read_text()
    assert "not a database" in said.error
    assert said.error.startswith(("note: ", "unsent "))


def test_a_full_disk_is_said_once_and_ends_no_run(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with opened().open("run", {"folder": str(workspace / "outputs/run")}) as run:
        monkeypatch.setattr(Journal, "append", full)
        for epoch, loss in LOSSES:
            run.log_epoch(epoch, {"loss": loss})
    assert capsys.readouterr().err == (
        "note: not all that is logged is kept for the store: no space left on the disk; free some "
        "and repeat the command\n"
    )


# --- processes -------------------------------------------------------------------------------

OPEN = """
import sys, time
from pathlib import Path
from runner.tracking.{module} import {store}
store = {store}("digits", Path("outputs"), None{more})
with store.open("job", {{"level": "job"}}) as run:
    run.log_epoch(0, {{"loss": 2.0}})
    run.flush()
    print("open", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("module", "store", "more"),
    [("mlflow_store", "mlflow_store", ", log_model=False"), ("folder_store", "folder_store", "")],
)
def test_the_run_of_a_killed_process_is_marked_by_who_sees_it_next(
    module: str, store: str, more: str, workspace: Path
) -> None:
    code = OPEN.format(module=module, store=store, more=more)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    assert existing_stores()[-1].find(name="job")[0].status == "RUNNING"
    process.kill()
    process.wait()
    existing_stores()
    if module == "mlflow_store":
        (run,) = mlflow.MlflowClient().search_runs(["1"], "attributes.run_name = 'job'")
        assert run.info.status == "KILLED"
    (seen,) = existing_stores()[-1].find(name="job")
    assert seen.status == "KILLED"
    assert seen.tags["error"] == "its process ended without a word"
    (stored,) = existing_stores()[-1].find(status="KILLED")
    assert stored.run_id == seen.run_id


def in_mlflow(outputs: Path) -> RunStore:
    return mlflow_store("digits", outputs, None, log_model=False)


def in_folder(outputs: Path) -> RunStore:
    return folder_store("digits", outputs, None)


@pytest.mark.parametrize("open_store", [in_mlflow, in_folder])
def test_a_run_that_ends_while_its_process_is_looked_for_has_not_died(
    open_store: Callable[[Path], RunStore], workspace: Path
) -> None:
    outputs, patch, running = workspace / "outputs", pytest.MonkeyPatch(), ExitStack()
    run = running.enter_context(open_store(outputs).open("job", {"level": "job"}))
    run.log_metrics({"loss": 2.0})
    run.flush()

    def dead(_: str) -> bool:
        if current_thread() is not main_thread():  # that which sends looks for the dead, too
            return False
        patch.undo()
        running.close()
        return True

    for reader in ("journaled_changes", "folder_store"):
        patch.setattr(f"runner.tracking.{reader}.is_dead", dead)
    (seen,) = open_store(outputs).find(name="job")
    assert seen.status == "FINISHED"
    (later,) = open_store(outputs).find(name="job")
    assert (later.status, later.metrics["loss"]) == ("FINISHED", 2.0)
    assert "error" not in later.tags


def test_a_dead_run_that_is_deleted_while_it_is_looked_for_is_no_error(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = workspace / "outputs"
    with in_mlflow(outputs).open("kept", {"level": "job"}):
        pass
    code = OPEN.format(module="mlflow_store", store="mlflow_store", more=", log_model=False")
    with locked(OUTPUTS / "mlflow.db"):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        process.kill()
        process.wait()
    (journal,) = (one for one in JournalIndex(outputs, None).journals() if not one.is_created)

    def dead(_: str) -> bool:
        journal.path.unlink(missing_ok=True)
        return True

    monkeypatch.setattr("runner.tracking.journaled_changes.is_dead", dead)
    assert {run.name for run in existing_stores()[-1].find()} == {"first", "kept"}
    assert not journal.path.exists()
