"""Several processes use one `outputs/`: one deletes what another one reads, writes or sends."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from calling import call

from runner.base.errors import ConfigurationError
from runner.run import resume
from runner.tracking import journal_records, list_command, track_command
from runner.tracking.folder_store import FolderStore, folder_store
from runner.tracking.journal import Journal
from runner.tracking.journal_index import JournalIndex
from runner.tracking.journal_sending import end_dead, send
from runner.tracking.mlflow_store import MlflowStore, mlflow_store
from runner.tracking.processes import PROCESS, this_process
from runner.tracking.run_finder import existing_stores
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import end_abandoned
from tracking.logged_runs import OUTPUTS, locked

DEAD_PROCESS = this_process().rpartition(" ")[0] + " of-an-earlier-boot"


def in_mlflow() -> RunStore:
    return mlflow_store("digits", OUTPUTS, None, log_model=False)


def in_folder() -> RunStore:
    return folder_store("digits", OUTPUTS, None)


def tags_in(folder: Path) -> dict[str, str]:
    return {"level": "job", "folder": str(folder.resolve())}


def listed() -> dict[str, str]:
    """Return the status of each run that a new command finds, by name."""
    runs = [run for store in existing_stores() for run in store.find({"level": "job"})]
    return {run.name: run.status for run in runs}


@pytest.fixture
def unsent(workspace: Path) -> Journal:
    """Return the journal of a finished run, of which the database has nothing."""
    with (
        locked(OUTPUTS / "mlflow.db"),
        in_mlflow().open("job", tags_in(workspace / "outputs/job")) as run,
    ):
        run.log_epoch(0, {"loss": 2.0})
    (journal,) = JournalIndex(OUTPUTS, None).unsent()
    return journal


# --- folders that are deleted ----------------------------------------------------------------


def test_a_run_whose_folder_is_deleted_ends_as_it_should(workspace: Path) -> None:
    folder = workspace / "outputs/job"
    with in_mlflow().open("job", tags_in(folder)) as run:
        run.log_epoch(0, {"loss": 2.0})
        run.flush()
        while folder.exists():  # something is just written there
            shutil.rmtree(folder, ignore_errors=True)
        run.log_epoch(1, {"loss": 1.0})
        assert listed()["job"] == "RUNNING"
    assert listed()["job"] == "FINISHED"
    (stored,) = existing_stores()[0].find(name="job")
    history = mlflow.MlflowClient().get_metric_history(stored.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == [(0, 2.0), (1, 1.0)]


def test_a_journal_without_its_opening_breaks_no_command(unsent: Journal, workspace: Path) -> None:
    opening, *rest = unsent.path.read_text().splitlines(keepends=True)
    unsent.path.write_text("".join(rest))
    with in_mlflow().open("another", tags_in(workspace / "outputs/another")):
        pass
    assert listed() == {"another": "FINISHED"}
    for command, words in ((list_command, ()), (track_command, ("outputs", "--all"))):
        said = call(command.main, *words)
        assert said.code == 0, said.error
    unsent.path.write_text(opening + "".join(rest))
    assert listed()["job"] == "FINISHED"


def test_a_journal_that_is_deleted_while_all_are_read_is_left_out(
    unsent: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = Journal.entries

    def deleting(journal: Journal, start: int = 0) -> Iterator[Any]:
        """Yield the calls, whose folder is deleted before they are asked for again."""
        found = list(entries(journal, start))
        shutil.rmtree(journal.folder, ignore_errors=True)
        yield from found

    monkeypatch.setattr(Journal, "entries", deleting)
    index = JournalIndex(OUTPUTS, None)
    assert [journal.opening.options["name"] for journal in index.journals()] == ["job"]
    assert index.journals() == index.unsent() == []


def test_folders_that_are_deleted_while_their_journals_are_looked_for_are_left_out(
    unsent: Journal, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        shutil.copytree(unsent.folder, workspace / "copies" / name / "run")
    is_begun: Any = vars(Journal)["is_begun"]

    def deleting(journal: Journal) -> bool:
        """Delete all folders but the one that was found first."""
        for folder in (workspace / "copies").iterdir():
            if not journal.folder.is_relative_to(folder):
                shutil.rmtree(folder)
        return bool(is_begun.fget(journal))

    monkeypatch.setattr(Journal, "is_begun", property(deleting))
    assert len(track_command._journals(workspace / "copies")) == 1


def test_an_index_that_is_deleted_while_it_is_read_names_no_journal(
    unsent: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = JournalIndex(OUTPUTS, None)
    names = list(index.folder.iterdir())
    shutil.rmtree(OUTPUTS)
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    assert [index._named(name) for name in names] == [None] * len(names)


@pytest.mark.parametrize("when", ["sending", "note_sent"])
def test_what_is_deleted_while_it_is_sent_comes_not_back(
    when: str, unsent: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = getattr(Journal, when)

    def deleting(*arguments: Any) -> Any:
        shutil.rmtree(unsent.folder, ignore_errors=True)
        return made(*arguments)

    monkeypatch.setattr(Journal, when, deleting)
    send(unsent, MlflowStore(OUTPUTS, None), JournalIndex(OUTPUTS, None))
    assert not unsent.path.exists()
    assert not list(unsent.folder.rglob("*.sent"))


def test_a_dead_run_whose_folder_is_deleted_gets_no_new_one(unsent: Journal) -> None:
    unsent.append("reopen", tags={PROCESS: DEAD_PROCESS})
    shutil.rmtree(unsent.folder)
    end_dead(unsent)
    with pytest.raises(FileNotFoundError):
        unsent.append("end", status="KILLED")
    assert not unsent.folder.exists()


# --- runs that are deleted in MLflow ---------------------------------------------------------


@pytest.mark.parametrize("last", ["log_epoch", "log_folder"])
def test_of_a_run_that_is_deleted_in_mlflow_no_more_is_sent_and_one_line_said(
    last: str, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workspace / "outputs/job"
    (folder / "figures").mkdir(parents=True)
    for name in "abc":
        (folder / f"figures/{name}.txt").touch()
    with in_mlflow().open("job", tags_in(folder)) as run:
        run.log_epoch(0, {"loss": 2.0})
        run.flush()
        mlflow.MlflowClient().delete_run(run.run_id)
        for epoch in range(1, 4):
            run.log_epoch(epoch, {"loss": 1.0})
        if last == "log_folder":
            run.log_folder(folder)
        run.flush()
    said = capsys.readouterr().err
    assert said == f"note: {folder}: its run was deleted in the store, which gets no more of it\n"
    assert "job" not in listed()
    assert "0 of 1 runs" in call(track_command.main).out


def test_a_run_that_is_deleted_as_it_ends_has_no_address_and_no_error(workspace: Path) -> None:
    folder, store = workspace / "outputs/job", in_mlflow()
    with store.open("job", tags_in(folder)) as run:
        run.flush()
        shutil.rmtree(folder, ignore_errors=True)
        assert store.whereabouts("0" * 32) == store.whereabouts("") != {}


@pytest.mark.parametrize("open_store", [in_mlflow, in_folder])
def test_a_sweep_passes_over_what_was_deleted_since_it_was_found(
    open_store: Callable[[], RunStore], workspace: Path
) -> None:
    store = open_store()
    with store.open("sweep", {"level": "sweep"}):
        gone = StoredRun("0" * 32, "gone", "RUNNING", 0.0, "digits", tags={"level": "job"})
        end_abandoned(store, [gone])
        assert [run.status for run in store.find(name="sweep")] == ["RUNNING"]


# --- runs that end, go on or are deleted while they are looked for ---------------------------


def test_a_run_that_goes_on_in_another_process_while_it_is_looked_for_has_not_died(
    unsent: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsent.append("reopen", tags={PROCESS: DEAD_PROCESS})

    def dead(process: str) -> bool:
        if process == DEAD_PROCESS:
            unsent.append("reopen", tags={PROCESS: this_process()})
        return process == DEAD_PROCESS

    monkeypatch.setattr(journal_records, "is_dead", dead)
    assert not journal_records.is_abandoned(unsent)
    assert journal_records.is_open(unsent)


def resumed(store: FolderStore, run_id: str) -> None:
    store.set_tags(run_id, {PROCESS: this_process()})


def deleted(store: FolderStore, run_id: str) -> None:
    (store.folder / f"{run_id}.json").unlink()


@pytest.mark.parametrize(("happens", "status"), [(resumed, "RUNNING"), (deleted, None)])
def test_a_run_in_a_folder_that_goes_on_or_is_deleted_while_it_is_looked_for(
    happens: Callable[[FolderStore, str], None],
    status: str | None,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = FolderStore(OUTPUTS / "runs", "digits")
    run = store._new("job", {"level": "job"}, "")
    store.save(run)
    store.set_tags(run.run_id, {PROCESS: DEAD_PROCESS})

    def dead(process: str) -> bool:
        if process == DEAD_PROCESS:
            happens(store, run.run_id)
        return process == DEAD_PROCESS

    monkeypatch.setattr("runner.tracking.folder_store.is_dead", dead)
    assert [found.status for found in store.find(name="job")] == ([status] if status else [])


def test_an_entry_that_is_deleted_while_all_are_read_is_left_out(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        with in_folder().open(name, {"level": "job"}):
            pass
    ids = FolderStore._ids

    def deleting(store: FolderStore, start: str) -> Iterator[str]:
        found = list(ids(store, start))
        deleted(store, found[0])
        yield from found

    monkeypatch.setattr(FolderStore, "_ids", deleting)
    assert len(in_folder().find()) == 1


def test_a_run_whose_entry_is_deleted_ends_as_it_should(workspace: Path) -> None:
    with in_folder().open("job", {"level": "job"}) as run:
        run.log_metrics({"test_error": 0.5})
        shutil.rmtree(OUTPUTS / "runs")
        run.log_metrics({"test_loss": 0.25})
    (stored,) = in_folder().find()
    assert (stored.status, stored.metrics) == ("FINISHED", {"test_error": 0.5, "test_loss": 0.25})


# --- resume=latest ---------------------------------------------------------------------------


@pytest.mark.parametrize("open_store", [in_mlflow, in_folder])
def test_the_latest_interrupted_run_is_none_that_still_runs_or_is_deleted(
    open_store: Callable[[], RunStore], workspace: Path
) -> None:
    for name in ("stopped", "running", "deleted"):
        (workspace / name).mkdir()
    for name in ("stopped", "deleted"):
        with pytest.raises(KeyboardInterrupt), open_store().open(name, tags_in(workspace / name)):
            raise KeyboardInterrupt
    shutil.rmtree("deleted")
    with open_store().open("running", tags_in(workspace / "running")):
        assert resume._by_name("latest", None).name == "stopped"
    with pytest.raises(ConfigurationError, match="no run of this name"):
        resume._by_name("gone", None)
