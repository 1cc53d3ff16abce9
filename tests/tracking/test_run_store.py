"""What every store of runs must do: MLflow and plain folders pass the same tests."""

import json
import shutil
from collections.abc import Callable
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from runner.base.errors import ConfigurationError, PrunedError
from runner.base.program_files import command_name
from runner.tracking.folder_store import folder_store
from runner.tracking.mlflow_store import mlflow_store
from runner.tracking.network_finder import permanent_name
from runner.tracking.run_finder import existing_stores, find_run, hides_run
from runner.tracking.run_store import RunStore, StoredRun, SweepTags
from runner.tracking.sweep_records import (
    end_abandoned,
    finished_jobs,
    orphans,
    record_failure,
    runs_of_sweep,
    seed_runs,
)

Open = Callable[..., RunStore]
TAGS = SweepTags("nightly", "a", choices={"model": "dense"}).tags


@pytest.fixture(params=["mlflow", "folder"])
def open_store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Open:
    """Return a function that opens the store under `outputs/`, as often as is wanted."""
    monkeypatch.chdir(tmp_path)

    def opened(experiment: str = "digits") -> RunStore:
        if request.param == "mlflow":
            return mlflow_store(experiment, Path("outputs"), None, log_model=True)
        return folder_store(experiment, Path("outputs"), None)

    return opened


def the_only(store: RunStore, **conditions: Any) -> StoredRun:
    (run,) = store.find(**conditions)
    return run


def finished(store: RunStore, name: str, tags: dict[str, str], parent: str | None = None) -> str:
    with store.open(name, tags, parent) as run:
        run.log_metrics({"test_error": 0.25})
    return run.run_id


def test_a_run_is_found_again_with_what_was_logged(open_store: Open) -> None:
    with open_store().open("first", {"level": "job"}) as run:
        run.log_epoch(0, {"loss": 2.0})
        run.log_metrics({"test_error": 0.25, "classes": {"cat": {"f1": 0.5}}, "names": ["no"]})
        assert the_only(open_store(), name="first").status == "RUNNING"
    stored = the_only(open_store("another"), name="first")
    assert (stored.run_id, stored.status, stored.level) == (run.run_id, "FINISHED", "job")
    assert stored.metrics["test_error"] == 0.25
    assert stored.metrics["classes.cat.f1"] == 0.5
    assert "names" not in stored.metrics


@pytest.mark.parametrize(
    ("error", "status", "tag"),
    [
        (RuntimeError("it broke"), "FAILED", ("error", "RuntimeError: it broke")),
        (KeyboardInterrupt(), "KILLED", None),
        (PrunedError("worse than others"), "KILLED", ("pruned", "worse than others")),
    ],
)
def test_what_stops_a_run_is_its_status(
    open_store: Open, error: BaseException, status: str, tag: tuple[str, str] | None
) -> None:
    store = open_store()
    with pytest.raises(type(error)), store.open("run", {}):
        raise error
    stored = the_only(store, name="run")
    assert stored.status == status
    assert tag is None or stored.tags[tag[0]] == tag[1]


def test_a_run_that_failed_goes_on_without_its_error(open_store: Open) -> None:
    store = open_store()
    with pytest.raises(ValueError), store.open("sweep", {"level": "sweep"}) as run:  # noqa: PT011
        raise ValueError
    with store.open("sweep", {"level": "sweep"}, run_id=run.run_id) as again:
        assert the_only(store).status == "RUNNING"
    assert again.run_id == run.run_id
    assert the_only(store).status == "FINISHED"
    assert "error" not in the_only(store).tags


def test_runs_meet_all_conditions_in_the_order_they_started(open_store: Open) -> None:
    store = open_store()
    first = finished(store, "same", {"level": "job", "a": "it's"})
    other = finished(open_store("another"), "same", {"level": "job"})
    third = finished(store, "third", {"level": "seed"}, parent=None)
    assert [run.run_id for run in store.find()] == [first, other, third]
    assert [run.run_id for run in store.find({"level": "job"})] == [first, other]
    assert [run.run_id for run in store.find({"a": "it's"}, name="same")] == [first]
    assert [run.run_id for run in store.find(id_start=third[:8])] == [third]
    assert store.find(status="FAILED") == []
    assert [run.run_id for run in store.find(name="third", status="FINISHED")] == [third]


def test_seeds_are_parts_of_their_job_and_can_be_adopted(open_store: Open) -> None:
    store = open_store()
    own = TAGS | {"level": "seed", "seed": "3", "fingerprint": "of seed 3"}
    with suppress(RuntimeError), store.open("a", TAGS | {"level": "job"}) as job:
        finished(store, "a-seed-3", own, parent=job.run_id)
        raise RuntimeError("killed")
    runs = runs_of_sweep(store, "nightly")
    assert [run.level for run in runs] == ["job", "seed"]
    assert runs[0].choices == {"model": "dense"}
    orphan = orphans(runs, "a")["of seed 3"]
    with store.open("a", TAGS | {"level": "job", "fingerprint": "whole"}) as again:
        store.set_parent(orphan.run_id, again.run_id)
    assert list(seed_runs(store, store.find(id_start=again.run_id)[0])) == [3]
    assert orphans(runs_of_sweep(store, "nightly"), "a") == {}
    ((key, found),) = finished_jobs(runs_of_sweep(store, "nightly")).items()
    assert (key, found.run_id) == (("a", "whole"), again.run_id)


def test_abandoned_and_failed_jobs_are_marked(open_store: Open) -> None:
    store = open_store()
    context = store.open("a", TAGS | {"level": "job"})
    run = context.__enter__()
    end_abandoned(store, runs_of_sweep(store, "nightly"))
    stored = store.find(id_start=run.run_id)[0]
    assert stored.status == "KILLED"
    assert stored.tags["error"] == "its process ended without a word"
    context.__exit__(None, None, None)
    started = max(one.started for one in store.find()) + 1
    record_failure(store, TAGS | {"level": "job"}, "", "no memory left", since=started)
    failed = the_only(store, status="FAILED")
    assert (failed.tags["job"], failed.tags["error"]) == ("a", "no memory left")
    record_failure(store, TAGS | {"level": "job"}, "", "again", since=failed.started - 0.01)
    assert len(store.find({"job": "a"}, status="FAILED")) == 1


def test_a_job_whose_process_died_has_failed_whoever_saw_it_first(open_store: Open) -> None:
    store = open_store()
    context = store.open("a", TAGS | {"level": "job"})
    run = context.__enter__()
    before = store.find(id_start=run.run_id)[0].started
    end_abandoned(store, runs_of_sweep(store, "nightly"))
    record_failure(store, TAGS | {"level": "job"}, "", "its process died", since=before)
    failed = the_only(store, status="FAILED")
    assert (failed.run_id, failed.tags["error"]) == (run.run_id, "its process died")
    context.__exit__(None, None, None)


def test_files_network_and_configuration_come_back(open_store: Open, tmp_path: Path) -> None:
    store, folder = open_store(), tmp_path / "run"
    (folder / "figures").mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({"seed": 0, "test_error": 0.5}))
    (folder / "figures" / "roc.png").write_bytes(b"drawn")
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.save(folder / "model.keras")
    configuration = {"model": {"_target_": "x", "units": [1, 2]}, "seed": 0, "language": "pt"}
    with store.open("run", {"level": "job", "folder": str(folder)}) as run:
        run.log_configuration(configuration)
        run.log_folder(folder)
        run.log_network(network, np.zeros((1, 2), np.float32))
    stored = the_only(store)
    report = store.file(stored, "report.json")
    assert report is not None
    assert json.loads(report.read_text())["test_error"] == 0.5
    assert store.file(stored, "nothing.json") is None
    assert store.configuration(stored) == configuration
    fetched = store.network(stored, tmp_path / "fetched")
    assert fetched is not None
    assert keras.models.load_model(fetched).count_params() == 3
    store.add_figures(stored.run_id, [folder / "figures" / "roc.png"])


def test_a_run_is_found_by_every_kind_of_word(open_store: Open, tmp_path: Path) -> None:
    store, folder = open_store(), tmp_path / "kept"
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps({"seed": 7, "test_error": 0.5}))
    with store.open("earlier", {"level": "job"}):
        pass
    with store.open("kept run", {"level": "job", "folder": str(folder)}) as run:
        run.log_folder(folder)
    for word in ("latest", "kept run", run.run_id, run.run_id[:10], "kept", "kept/report.json"):
        found = find_run(word)
        assert found.stored is not None
        assert found.stored.run_id == run.run_id
        assert found.report()["seed"] == 7
        assert list(found.seeds()) == [7]
    assert len(existing_stores()) == 1
    with pytest.raises(ConfigurationError, match="did you mean earlier"):
        find_run("earlyer")


@pytest.mark.parametrize("word", ["digits", "latest"])
def test_a_folder_or_file_of_no_run_hides_no_run_of_its_name(
    open_store: Open, tmp_path: Path, word: str
) -> None:
    store, folder = open_store(), tmp_path / "kept"
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps({"seed": 7, "test_error": 0.5}))
    with store.open("digits", {"level": "job", "folder": str(folder)}) as run:
        run.log_folder(folder)
    Path(word).mkdir()
    assert find_run(word).folder == folder
    assert permanent_name(word) == run.run_id
    Path(word).rmdir()
    Path(word).touch()
    assert find_run(word).folder == folder
    assert hides_run(word, None)
    Path("pictures").mkdir()
    with pytest.raises(ConfigurationError, match="pictures: no folder of a finished run"):
        find_run("pictures")
    (folder.with_name("notes.txt")).touch()
    with pytest.raises(ConfigurationError, match=r"notes.txt: a file of no finished run"):
        find_run(str(folder.with_name("notes.txt")))


def test_the_folder_of_a_run_comes_before_another_run_of_its_name(
    open_store: Open, tmp_path: Path
) -> None:
    finished(open_store(), "digits", {})
    for left in ("report.json", "configuration/config.yaml", "seed-3/model.keras"):
        path = tmp_path / "digits" / left
        path.parent.mkdir(parents=True)
        path.touch()
        assert not hides_run("digits", None)
        shutil.rmtree(tmp_path / "digits")


def test_the_beginning_of_a_name_is_answered_with_the_latest_names(open_store: Open) -> None:
    store = open_store()
    for change in ("epochs-3", "epochs-30+batch_size-8+shape-48-48-3", "shape-64-64-3"):
        with store.open(f"lenet-folder+path-drawings+{change}", {"level": "job"}):
            pass
    with pytest.raises(ConfigurationError) as refused:
        find_run("lenet-folder")
    assert str(refused.value).endswith(
        "; did you mean lenet-folder+path-drawings+shape-64-64-3 or "
        "lenet-folder+path-drawings+epochs-30+batch_size-8+shape-48-48-3?"
    )


def test_new_runs_stand_beside_the_run_they_are_about(open_store: Open) -> None:
    run = the_only(open_store("digits"), name=None) if open_store("digits").find() else None
    assert run is None
    finished(open_store("digits"), "first", {})
    (first,) = open_store("clothes").find()
    with open_store("clothes").beside(first).open("ensemble", {}):
        pass
    assert {run.experiment for run in open_store().find()} == {first.experiment}


def test_without_a_store_it_is_said_where_one_is_looked_for(tmp_path: Path) -> None:
    with chdir(tmp_path), pytest.raises(ConfigurationError, match=r"no outputs/mlflow.db and no"):
        find_run("latest")


def test_a_folder_that_is_not_there_yet_is_a_store_without_runs(tmp_path: Path) -> None:
    missing = str(tmp_path / "runs")
    assert existing_stores(missing) == []
    with pytest.raises(ConfigurationError, match=rf"latest: .* {missing} is no folder with runs"):
        find_run("latest", missing)


@pytest.mark.parametrize(("uri", "said"), [(None, "list"), ("my runs", "list --uri '{}/my runs'")])
def test_a_store_of_files_says_how_its_runs_are_listed(
    tmp_path: Path, uri: str | None, said: str
) -> None:
    with chdir(tmp_path):
        commands = folder_store("digits", Path("outputs"), uri).whereabouts("")
    assert commands["all runs"] == f"{command_name()} {said.format(tmp_path)}"
