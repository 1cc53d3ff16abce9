"""A store that does not answer costs no training: what is logged is kept, and sent once."""

import errno
import json
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import keras
import mlflow
import numpy as np
import pytest
from calling import call
from filelock import FileLock

from runner.base.errors import StoreError
from runner.datasets.splits import UsedData
from runner.sweeps.report import report_command
from runner.tracking import mlflow_answers, sender, track_command
from runner.tracking.journal import Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import send
from runner.tracking.mlflow_store import MlflowStore, mlflow_store, reading_store
from runner.tracking.run_finder import existing_stores, find_run
from runner.tracking.run_store import RunStore, StoredRun

OUTPUTS = Path("outputs")
Command = Callable[..., "subprocess.CompletedProcess[str]"]
DATA = UsedData("test", "mnist", "0123", "https://host/data/", (100, 28, 28, 1), "uint8")
LOSSES = [(epoch, 1 / (epoch + 1)) for epoch in range(3)]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without runs, which takes seconds to be made."""
    folder = tmp_path_factory.mktemp("database")
    with mlflow_store("digits", folder, None, log_model=False).open("first", {}):
        pass
    return folder / "mlflow.db"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Path) -> Path:
    """A working folder with a database, and less patience than the program has."""
    monkeypatch.chdir(tmp_path)
    OUTPUTS.mkdir()
    shutil.copy(database, OUTPUTS)
    monkeypatch.setattr(mlflow_answers, "PATIENCE", 0.2)
    monkeypatch.setattr(sender, "_PATIENCE", 1.0)
    monkeypatch.setattr(sender, "_RETRY", 0.1)
    return tmp_path


def opened(uri: str | None = None, experiment: str = "digits") -> RunStore:
    return mlflow_store(experiment, OUTPUTS, uri, log_model=True)


def log_a_run(store: RunStore, folder: Path, **tags: str) -> None:
    """Log one of everything, with files and a network."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text('{"seed": 0}')
    (folder / "figures/roc.png").write_bytes(b"drawn")
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.save(folder / "model.keras")
    with store.open("run", {"level": "job", "folder": str(folder)} | tags) as run:
        run.log_configuration({"model": {"units": 3}})
        run.log_parameters({"units": 3})
        run.log_data([DATA])
        run.compare_by("test_error")
        for epoch, loss in LOSSES:
            run.log_epoch(epoch, {"loss": loss})
        run.log_folder(folder)
        run.log_network(network, np.zeros((1, 2), np.float32))
        run.log_metrics({"test_error": 0.25})
        run.log_table("classes", {"class": ["cat", "dog"], "f1": [0.5, 1.0]})
        run.log_images("filters", {step: np.zeros((4, 4, 1), np.uint8) for step in (0, 7)})


def assert_logged_once(folder: Path, uri: str | None = None) -> None:
    """Everything of `log_a_run` is there, and nothing twice."""
    mlflow.set_tracking_uri(uri or f"sqlite:///{Path('outputs/mlflow.db').resolve()}")
    client = mlflow.MlflowClient()
    found = [
        run
        for experiment in client.search_experiments()
        for run in client.search_runs([experiment.experiment_id])
        if run.data.tags.get("folder") == str(folder)
    ]
    (run,) = found
    assert run.info.status == "FINISHED"
    assert run.data.params == {"units": "3"}
    assert [each.dataset.name for each in run.inputs.dataset_inputs] == ["mnist"]
    measured = client.get_metric_history(run.info.run_id, "test_error")
    assert [metric.value for metric in measured] == [0.25]
    table = mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/classes.json")
    assert table == {"columns": ["class", "f1"], "data": [["cat", 0.5], ["dog", 1.0]]}
    pictures = [file.path for file in client.list_artifacts(run.info.run_id, "images")]
    assert len([path for path in pictures if "compressed" in path]) == 2
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == LOSSES
    names = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"report.json", "figures"} <= names
    models = client.search_logged_models([run.info.experiment_id])
    own = [model for model in models if model.source_run_id == run.info.run_id]
    assert [str(model.status) for model in own] == ["READY"]
    linked = [(metric.key, metric.value, metric.dataset_name) for metric in own[0].metrics]
    assert [each for each in linked if each[0] == "test_error"] == [("test_error", 0.25, "mnist")]


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Keep a database locked, as another program may."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


@pytest.fixture
def silent() -> Iterator[str]:
    """Yield the address of a server that takes requests and answers none."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def absent() -> str:
    """Return the address of a server that is not there."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


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
        assert said.splitlines()[-1].endswith(f"later: runner track {folder}")
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


def test_the_next_run_sends_what_an_earlier_one_left_behind(workspace: Path) -> None:
    with locked(OUTPUTS / "mlflow.db"):
        log_a_run(opened(), workspace / "outputs/left")
    log_a_run(opened(), workspace / "outputs/next")
    for name in ("left", "next"):
        assert_logged_once(workspace / "outputs" / name)


def test_a_server_that_says_nothing_is_waited_for_shortly_the_first_time(silent: str) -> None:
    started = time.monotonic()
    with pytest.raises(StoreError, match=f"^MLflow at {silent}: timed out$"):
        MlflowStore(OUTPUTS, silent).id_of("key")
    assert time.monotonic() - started < 8  # what MLflow would wait for each request


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


def test_a_run_that_is_not_sent_is_found_with_what_was_logged(workspace: Path, absent: str) -> None:
    folder = workspace / "outputs/unsent"
    log_a_run(opened(absent), folder, sweep="nightly", job="a")
    for store in (opened(absent), reading_store(OUTPUTS, absent)):
        (stored,) = store.find({"sweep": "nightly"}, status="FINISHED")
        assert stored.metrics["test_error"] == 0.25
        assert stored.folder == folder
        assert store.configuration(stored) == {"model": {"units": 3}}
        assert store.find(id_start=stored.run_id[:6]) == [stored]
    with pytest.raises(StoreError, match="Connection refused"):
        reading_store(OUTPUTS, absent).find({"sweep": "another"})


def test_a_run_is_found_by_its_folder_though_its_store_does_not_answer(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workspace / "outputs/run"
    log_a_run(opened(), folder)
    with locked(OUTPUTS / "mlflow.db"):
        assert find_run("outputs/run").report() == {"seed": 0}
        found = find_run("run")  # by its name, which its journal knows
    assert found.folder == folder
    assert "of runs, only what their folders tell is known" in capsys.readouterr().err


def test_a_store_is_not_asked_for_what_the_folder_of_a_run_lacks(
    workspace: Path, absent: str
) -> None:
    log_a_run(opened(absent), workspace / "outputs/unsent")
    (stored,) = opened(absent).find({"level": "job"})
    assert opened(absent).file(stored, "report.json") == workspace / "outputs/unsent/report.json"
    assert opened(absent).file(stored, "validation-predictions.npz") is None


def test_the_parent_that_is_not_sent_is_known_to_its_seeds(workspace: Path, absent: str) -> None:
    store = opened(absent)
    with store.open("job", {"level": "job"}) as job:
        for seed in ("3", "4"):
            with store.open("seed", {"level": "seed", "seed": seed}, job.run_id) as run:
                run.log_metrics({"test_error": 0.5})
    seeds = store.find(parent=job.run_id)
    assert [run.tags["seed"] for run in seeds] == ["3", "4"]


@pytest.mark.parametrize("by_key", [False, True])
def test_a_run_that_is_sent_while_the_store_is_asked_is_found(
    by_key: bool, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "_SLOWEST", 0.1)
    monkeypatch.setattr(sender.Sender, "begin", lambda *_: None)
    ask, index = MlflowStore.find, JournalIndex(OUTPUTS, None)

    def find(*asked: Any) -> list[StoredRun]:
        found = ask(*asked)
        for journal in index.unsent():
            send(journal, asked[0], index)
        return found

    store = opened()
    with store.open("run", {"level": "job"}) as run:
        key = run.run_id
        with monkeypatch.context() as patch:
            patch.setattr(MlflowStore, "find", find)
            found = store.find(id_start=key) if by_key else store.find({"level": "job"})
        assert [one.tags["run_key"] for one in found] == [key] != [run.run_id]


class KilledError(Exception):
    """As if the process had been killed here."""


@pytest.mark.parametrize("after", [True, False])
def test_sending_that_is_interrupted_anywhere_sends_nothing_twice(
    after: bool, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace / "outputs/run"
    with locked(OUTPUTS / "mlflow.db"):
        log_a_run(opened(), folder)
    (journal,) = JournalIndex(OUTPUTS, None).unsent()
    note = Journal.note_sent

    def killing(*arguments: Any) -> None:
        """Die before or after it is noted what the store has."""
        if after:
            note(*arguments)
        raise KilledError

    monkeypatch.setattr(Journal, "note_sent", killing)
    interrupted = 0
    remote, index = MlflowStore(OUTPUTS, None), JournalIndex(OUTPUTS, None)
    while not journal.is_sent and interrupted < 12:
        with pytest.raises(KilledError):
            send(journal, remote, index)
        if not after:  # the next attempt gets one step further
            with monkeypatch.context() as patch:
                patch.setattr(Journal, "note_sent", note)
                with pytest.raises(KilledError):
                    send(journal, remote, index, _die)
        interrupted += 1
    assert interrupted >= 6
    monkeypatch.setattr(Journal, "note_sent", note)
    send(journal, remote, index)
    assert_logged_once(folder)


def _die() -> None:
    raise KilledError


def test_a_slow_store_gets_further_with_each_attempt(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(OUTPUTS / "mlflow.db"), opened().open("run", {}) as run:
        for epoch in range(1000):
            run.log_epoch(epoch, {"loss": 1 / (epoch + 1)})
    (journal,) = JournalIndex(OUTPUTS, None).unsent()
    log_batch = mlflow.MlflowClient.log_batch
    batches: list[int] = []

    def slow(client: mlflow.MlflowClient, run_id: str, metrics: Any) -> None:
        """Log a batch, and lose the answer of every other one."""
        batches.append(len(metrics))
        log_batch(client, run_id, metrics)
        if len(batches) % 2:
            raise TimeoutError("timed out")

    monkeypatch.setattr(mlflow.MlflowClient, "log_batch", slow)
    said = tracked()
    assert (said.code, journal.is_sent) == (0, True), said.error
    assert len(batches) <= 30
    history = mlflow.MlflowClient().get_metric_history(run.run_id, "loss")
    assert [metric.step for metric in history] == list(range(1000))


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


def test_what_was_cut_off_in_a_journal_is_replaced_by_what_follows(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run/.tracking/key.jsonl")
    journal.append("open", name="run")
    with journal.path.open("a") as file:
        file.write('{"time": 1, "ca')
    journal.append("end", status="FINISHED")
    assert [entry.call for entry in journal.entries()] == ["open", "end"]


@pytest.mark.parametrize("call", ["log_file", "no_such_call", "__class__"])
def test_a_journal_from_elsewhere_sends_no_file_outside_its_folder(
    call: str, workspace: Path
) -> None:
    (workspace / "secret.txt").write_text("a key")
    with locked(OUTPUTS / "mlflow.db"), opened().open("run", {}) as run:
        pass
    (journal,) = JournalIndex(OUTPUTS, None).unsent()
    for path in ("../secret.txt", str(workspace / "secret.txt"), "link"):
        journal.append(call, path=path, folder="")
    (journal.folder / "link").symlink_to(workspace / "secret.txt")
    said = tracked()
    assert (said.code, said.error.count("is not sent")) == (0, 3)
    assert mlflow.MlflowClient().list_artifacts(run.run_id) == []


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
