"""Runs that are not sent yet, or whose store does not answer, are found."""

from pathlib import Path
from typing import Any

import pytest

from runner.base.errors import StoreError
from runner.tracking import sender
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import send
from runner.tracking.mlflow_store import MlflowStore, reading_store
from runner.tracking.run_finder import find_run
from runner.tracking.run_store import StoredRun
from tracking.logged_runs import OUTPUTS, locked, log_a_run, opened


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
