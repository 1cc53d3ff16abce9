"""What is in a journal is sent once and as a whole, however often sending is interrupted."""

from pathlib import Path
from typing import Any

import mlflow
import pytest
from calling import call

from runner.tracking import track_command
from runner.tracking.journal import Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import send
from runner.tracking.mlflow_store import MlflowStore
from tracking.logged_runs import OUTPUTS, assert_logged_once, locked, log_a_run, opened


def tracked(*arguments: Any) -> Any:
    return call(track_command.main, *arguments)


def test_the_next_run_sends_what_an_earlier_one_left_behind(workspace: Path) -> None:
    with locked(OUTPUTS / "mlflow.db"):
        log_a_run(opened(), workspace / "outputs/left")
    log_a_run(opened(), workspace / "outputs/next")
    for name in ("left", "next"):
        assert_logged_once(workspace / "outputs" / name)


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
