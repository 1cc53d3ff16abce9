"""Runs that were interrupted and go on: in their own folder, and as if nothing had happened."""

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import keras
import mlflow
import numpy as np
import pytest
from calling import Said, call
from filelock import FileLock

from runner import __main__ as program
from runner.base.errors import DataError, TrainingError
from runner.base.folder_lock import locked
from runner.base.stored_files import DIGESTS
from runner.datasets.loader import load_dataset
from runner.run import experiment, fingerprint
from runner.tracking import track_command
from runner.tracking.folder_store import FolderStore
from runner.tracking.mlflow_store import mlflow_store
from runner.tracking.run_store import RunStore, StoredRun
from runner.training.stage import Stage

pytestmark = pytest.mark.usefixtures("eagerly")
SMALL = (
    *("device=cpu", "dataset=shapes-drawn", "dataset.train_size=60", "model=dense"),
    *("dataset.validation_fraction=0.5", "training.batch_size=12", "training.epochs=4"),
    *("model.hidden_units=[8]", "model.hidden_dropout=0.3", "figures=[]"),
    *("schedule=plateau", "schedule.patience=1", "callbacks=early-stopping"),
    *("training.checkpoint_minutes=0", "tracking.run_name=it"),
)
SEEDS = (*SMALL, "seeds=[3,5]")
FOLDER, MLFLOW = "tracking=folder", "tracking.log_model=false"


def without_times(content: Any) -> Any:
    if isinstance(content, dict):
        known = {name: value for name, value in content.items() if "second" not in name}
        return {name: without_times(value) for name, value in known.items()}
    return [without_times(each) for each in content] if isinstance(content, list) else content


def result(folder: Path) -> dict[str, Any]:
    """Return everything that a run has computed."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name in ("report.json", "history.json"):
            found[name] = without_times(json.loads(path.read_text(encoding="utf-8")))
        elif path.suffix == ".npz":
            with np.load(path) as arrays:
                found[name] = {key: arrays[key].tolist() for key in arrays}
        elif path.suffix == ".keras":
            model = keras.models.load_model(path)
            optimizer = [variable.numpy().tolist() for variable in model.optimizer.variables]
            found[name] = [[weight.tolist() for weight in model.get_weights()], optimizer]
    return found


def interrupt(before: int, *arguments: str) -> Said:
    """Run the program until it begins its epoch of that number, all seeds taken together."""
    epoch, begun = Stage.epoch, 0

    def stopping(self: Stage, *args: Any) -> list[dict[str, float]]:
        nonlocal begun
        begun += 1
        if begun > before:
            raise KeyboardInterrupt
        return epoch(self, *args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, "epoch", stopping)
        said = call(program.main, *arguments)
    assert said.code == 130, said.error
    return said


def folder_of(workspace: Path = Path()) -> Path:
    (folder,) = {path.parent for path in workspace.glob("outputs/*/*/configuration")}
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What two seeds give that nothing interrupts."""
    workspace = tmp_path_factory.mktemp("undisturbed")
    with chdir(workspace):
        said = call(program.main, *SEEDS, FOLDER)
    assert said.code == 0, said.error
    return result(folder_of(workspace))


@pytest.fixture(params=[MLFLOW, FOLDER], ids=["mlflow", "folder"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The argument that chooses a store, in a working folder of its own."""
    with chdir(tmp_path):
        yield request.param


def store_of(stored: str) -> RunStore:
    if stored == FOLDER:
        return FolderStore(Path("outputs/runs"))
    return mlflow_store("mnist", Path("outputs"), None, log_model=False)


def the_run(stored: str, **conditions: Any) -> StoredRun:
    (run,) = store_of(stored).find({"level": "job"}, **conditions)
    return run


# --- what it ends with -----------------------------------------------------------------------


@pytest.mark.parametrize("before", [2, 5], ids=["first seed", "second seed"])
def test_a_run_goes_on_in_its_folder_to_the_same_result(
    before: int, stored: str, undisturbed: dict[str, Any]
) -> None:
    said = interrupt(before, *SEEDS, stored)
    assert "resume=latest" in said.error
    interrupted = the_run(stored, status="KILLED")
    said = call(program.main, "resume=latest")
    assert said.code == 0, said.error
    assert said.out.count("goes on   from outputs/") == 1
    assert f", after {before if before < 4 else before - 4} epochs" in said.out
    assert result(folder_of()) == undisturbed
    assert not list(Path().rglob("*checkpoint*"))
    finished = the_run(stored)
    assert (finished.run_id, finished.status) == (interrupted.run_id, "FINISHED")
    children = store_of(stored).find(parent=finished.run_id)
    assert [(child.tags["seed"], child.status) for child in children] == [
        ("3", "FINISHED"),
        ("5", "FINISHED"),
    ]
    if stored == MLFLOW:
        assert call(track_command.main).code == 0
        for child in children:
            losses = mlflow.MlflowClient().get_metric_history(child.run_id, "validation_loss")
            history = undisturbed[f"seed-{child.tags['seed']}/history.json"]["val_loss"]
            assert [(each.step, each.value) for each in losses] == list(enumerate(history, 1))


def test_a_finished_seed_whose_network_was_deleted_is_trained_again(
    undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with chdir(tmp_path):
        interrupt(5, *SEEDS, FOLDER)
        (folder_of() / "seed-3/model.keras").unlink()
        said = call(program.main, "resume=latest")
        assert said.code == 0, said.error
        assert result(folder_of()) == undisturbed


def full_disk_at(save: int) -> Callable[..., None]:
    """Return what saves networks until that of a number."""
    whole, saved = keras.Model.save, 0

    def saving(self: keras.Model, path: Path) -> None:
        nonlocal saved
        saved += 1
        if saved == save:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, path)

    return saving


def test_a_network_that_meets_a_full_disk_is_not_trained_again(
    stored: str, undisturbed: dict[str, Any]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "save", full_disk_at(save=2))
        said = call(program.main, *SEEDS, stored)
    assert (said.code, said.error) == (
        1,
        "error: no space left on the disk; kept: the network of seed 3, the training of seed 5 "
        "until epoch 4; free some, then python -m runner resume=latest goes on\n",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, "epoch", lambda *_: pytest.fail("it is trained again"))
        said = call(program.main, "resume=latest")
    assert said.code == 0, said.error
    assert "epoch   4/4" in said.out
    assert result(folder_of()) == undisturbed


def test_a_folder_that_is_no_longer_to_be_written_ends_a_run_that_can_go_on(tmp_path: Path) -> None:
    def refusing(self: keras.Model, path: Path) -> None:
        del self
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with chdir(tmp_path):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keras.Model, "save", refusing)
            refusal = call(program.main, *SMALL, FOLDER).refusal
        assert f"{folder_of()}: cannot be written (Permission denied); kept: the train" in refusal
        assert "until epoch 4; allow that, then python -m runner resume=latest goes on" in refusal
        assert call(program.main, "resume=latest").code == 0


def test_a_full_disk_before_any_checkpoint_is_said(tmp_path: Path) -> None:
    never = "training.checkpoint_minutes=null"
    with chdir(tmp_path), pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "save", full_disk_at(save=1))
        said = call(program.main, *SMALL, never, FOLDER)
        assert "kept: the configuration alone; free some, then python -m runner" in said.refusal
        assert call(program.main, "resume=latest").code == 0


def test_a_single_seed_goes_on_and_again_after_a_second_interruption(
    undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with chdir(tmp_path):
        interrupt(1, *SMALL, MLFLOW, "seed=5")
        interrupt(2, "resume=it")
        run = the_run(MLFLOW)
        said = call(program.main, f"resume={run.run_id[:6]}")
        assert ", after 3 epochs" in said.out
        found = result(folder_of())
    own = {name: value for name, value in undisturbed.items() if name.startswith("seed-5/")}
    assert found == {name.removeprefix("seed-5/"): value for name, value in own.items()}


def test_without_a_checkpoint_it_starts_anew_in_its_folder(
    stored: str, undisturbed: dict[str, Any]
) -> None:
    interrupt(2, *SEEDS, stored, "training.checkpoint_minutes=5")
    assert not list(Path().rglob("checkpoint.npz"))
    said = call(program.main, f"resume={folder_of()}")
    assert said.code == 0, said.error
    assert "goes on" not in said.out
    assert result(folder_of()) == undisturbed


def test_a_folder_that_was_moved_goes_on_without_its_store(
    undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    with chdir(tmp_path):
        interrupt(5, *SEEDS, FOLDER)
        shutil.move(folder_of(), "moved")
        shutil.rmtree("outputs")
        said = call(program.main, "resume=moved/seed-5")
        assert said.code == 0, said.error
        assert result(Path("moved")) == undisturbed
        assert "moved is finished" in call(program.main, "resume=moved").refusal


def test_what_it_starts_from_stays_the_run_that_latest_was(tmp_path: Path) -> None:
    with chdir(tmp_path):
        folders: set[Path] = set()
        for name in ("first", "second"):
            assert call(program.main, *SMALL, MLFLOW, f"tracking.run_name={name}").code == 0
            folders.add(next(iter(set(Path("outputs").glob("2*/*")) - folders)))
        interrupt(2, *SMALL, MLFLOW, "init_from=latest", "tracking.run_name=third")
        assert call(program.main, *SMALL, MLFLOW, "seed=7", "tracking.run_name=later").code == 0
        said = call(program.main, "resume=third")
        assert said.code == 0, said.error
        second, third = (store_of(MLFLOW).find(name=name)[0] for name in ("second", "third"))
        assert third.tags["init_from"] == second.run_id
        assert (third.status, "after 2 epochs" in said.out) == ("FINISHED", True)


def test_a_job_of_a_sweep_goes_on_when_its_command_is_given_again(
    stored: str, undisturbed: dict[str, Any]
) -> None:
    command = ("-m", *SMALL, stored, "sweep.name=night", "seeds=[3,5]", "optimizer=adam,sgd")
    interrupt(6, *command)
    refusal = call(program.main, "resume='outputs/sweeps/night/jobs/optimizer=adam'").refusal
    assert "belongs to the sweep night; give the command of the sweep again" in refusal
    said = call(program.main, *command)
    assert said.code == 0, said.error
    assert said.out.count("goes on   from") == 1
    assert "/optimizer=adam/seed-5/checkpoint.npz, after 2 epochs" in said.out
    assert result(Path("outputs/sweeps/night/jobs/optimizer=adam")) == undisturbed
    assert not list(Path().rglob("*checkpoint*"))
    if stored == MLFLOW:
        assert call(track_command.main).code == 0
        (seed, *_) = reversed(store_of(MLFLOW).find({"seed": "5", "job": "optimizer=adam"}))
        losses = mlflow.MlflowClient().get_metric_history(seed.run_id, "train_loss")
        assert [each.step for each in losses] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("error", "ending"), [(KeyboardInterrupt(), "interrupted"), (TrainingError("no"), "failed")]
)
def test_which_run_goes_on_is_said(error: BaseException, ending: str, tmp_path: Path) -> None:
    def stopping(*_: Any) -> None:
        raise error

    with chdir(tmp_path):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Stage, "epoch", stopping)
            assert call(program.main, *SMALL, FOLDER).code
        said = call(program.main, "resume=latest")
        assert said.code == 0, said.error
        assert f"resumes   it ({ending}), {folder_of()}\n" in said.out


def test_of_a_run_that_is_interrupted_before_it_begins_nothing_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "load_dataset", interrupted)
    with chdir(tmp_path):
        said = call(program.main, *SMALL, FOLDER)
        assert (said.code, said.error) == (130, "error: interrupted before anything was stored\n")
        assert not [path for path in Path("outputs").glob("2*/**/*") if path.is_file()]


def test_a_finished_run_keeps_its_configuration_where_another_fails_in_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any) -> None:
        raise DataError("no data")

    command = (*SMALL, FOLDER, "training.epochs=1", "hydra.run.dir=there")
    with chdir(tmp_path):
        assert call(program.main, *command).code == 0
        written = contents(Path("there"))
        monkeypatch.setattr(experiment, "load_dataset", missing)
        assert "no data" in call(program.main, *command, "seed=1").refusal
        assert contents(Path("there")) == written


@pytest.mark.parametrize("option", ["init_from", "training.distillation.teacher"])
def test_a_run_is_not_written_over_what_it_builds_on(option: str, tmp_path: Path) -> None:
    with chdir(tmp_path):
        command = (*SMALL, FOLDER, "training.epochs=1")
        assert call(program.main, *command, "seeds=2", "hydra.run.dir=there").code == 0
        written = contents(Path("there"))
        for word, folder in (("it", "there"), ("there/seed-1", "there"), ("there", "there/seed-0")):
            said = call(program.main, *command, f"{option}={word}", f"hydra.run.dir={folder}")
            assert f"{option}={word}: its network is in " in said.refusal
            assert "choose another hydra.run.dir, or leave it out" in said.refusal
        assert contents(Path("there")) == written
        said = call(program.main, *command, f"{option}=there", "hydra.run.dir=there/beside")
        assert said.code == 0, said.error


@pytest.mark.parametrize(
    ("option", "other"),
    [("init_from", "seed=1"), ("training.distillation.teacher", "model.activation=tanh")],
    ids=["other weights", "other layers"],
)
def test_what_a_run_builds_on_is_named_where_it_has_changed(
    option: str, other: str, tmp_path: Path
) -> None:
    with chdir(tmp_path):
        untrained = (*SMALL, FOLDER, "training.epochs=0")
        for name, options in {"first": (), "second": (other,)}.items():
            said = call(program.main, *untrained, *options, f"hydra.run.dir={name}")
            assert said.code == 0, said.error
        network = shutil.copy("first/model.keras", tmp_path / "network.keras")
        interrupt(2, *SMALL, FOLDER, f"{option}=network.keras")
        shutil.copy("second/model.keras", network)
        refusal = call(program.main, "resume=latest").refusal
        assert f"it cannot go on as what it was: the digest of {option}={network} is " in refusal
        assert "restore that, or start its training anew" in refusal
        shutil.copy("first/model.keras", network)
        assert call(program.main, "resume=latest").code == 0


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}


# --- what is refused -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with an interrupted run; it is not to be changed."""
    workspace = tmp_path_factory.mktemp("interrupted")
    with chdir(workspace):
        interrupt(2, *SMALL, FOLDER)
    return workspace


@pytest.fixture
def workspace(interrupted: Path, tmp_path: Path) -> Iterator[Path]:
    """A working folder with an interrupted run, for one test."""
    shutil.copytree(interrupted / "outputs", tmp_path / "outputs")
    with chdir(tmp_path):
        for path in Path("outputs/runs").glob("*.json"):
            path.write_text(path.read_text().replace(str(interrupted), str(tmp_path)))
        yield tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["resume=nothing"], "no run of this name or id in outputs"),
        (["resume=no/where"], "there is no such folder"),
        (["resume=outputs"], "no folder of a run: no configuration/config.yaml"),
        (["resume=latest", "seed=3"], "leave out seed, or take init_from=latest"),
        (["resume=latest", "model=lenet", "seed=3"], "leave out model, seed"),
        (["-m", "resume=latest", "seed=3,4"], "a sweep goes on when its command is given again"),
        (["resum=latest"], "did you mean resume?"),
        (["resume="], "resume="),
    ],
)
def test_what_cannot_go_on_is_said_in_one_line(
    arguments: list[str], said: str, workspace: Path
) -> None:
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*")}
    refusal = call(program.main, *arguments).refusal
    assert said in refusal
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("*")} == before


def test_other_code_is_no_way_to_go_on(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "code_version", lambda _: "another")
    refusal = call(program.main, "resume=latest").refusal
    assert "it cannot go on as what it was: its configuration or the code of the" in refusal
    assert list(workspace.rglob("checkpoint.npz"))


def test_other_data_are_named(workspace: Path) -> None:
    (path,) = (p for p in Path("outputs/runs").glob("*.json") if p.name.count(".") == 1)
    content = json.loads(path.read_text())
    content["tags"] |= {"x_train": "0" * 64, "fingerprint": "another"}
    path.write_text(json.dumps(content))
    refusal = call(program.main, "resume=latest").refusal
    assert "x_train is 000000000000 there, " in refusal
    assert "start its training anew" in refusal


def test_a_damaged_configuration_is_named(workspace: Path) -> None:
    path = folder_of() / "configuration/config.yaml"
    path.write_text("language: en\n", encoding="utf-8")
    refusal = call(program.main, "resume=latest").refusal
    assert f"{path}: is not the file that its run has stored" in refusal
    path.with_name(DIGESTS).unlink()
    assert f"{folder_of()}: its configuration: " in call(program.main, "resume=latest").refusal
    path.write_text("seed: ${nowhere}", encoding="utf-8")
    assert f"{path}: is damaged" in call(program.main, "resume=latest").refusal


def test_a_run_from_elsewhere_brings_no_code_along(workspace: Path) -> None:
    path = folder_of() / "configuration/config.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("runner.models.dense.dense", "payload.run"), encoding="utf-8")
    path.with_name(DIGESTS).unlink()
    assert "names payload.run, which is not run" in call(program.main, "resume=latest").refusal


def test_a_run_that_is_still_running_is_left_alone(workspace: Path) -> None:
    with FileLock(folder_of() / ".lock"):
        refusal = call(program.main, "resume=latest").refusal
    assert "another process is still running there; wait until it ends" in refusal


def test_a_run_that_another_process_finishes_first_is_left_as_it_is(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = (p for p in Path("outputs/runs").glob("*.json") if p.name.count(".") == 1)

    def finished(*arguments: Any) -> Any:
        """Load the data, while the run is finished elsewhere."""
        content = json.loads(path.read_text())
        path.write_text(json.dumps(content | {"status": "FINISHED"}))
        return load_dataset(*arguments)

    monkeypatch.setattr(experiment, "load_dataset", finished)
    refusal = call(program.main, "resume=latest").refusal
    assert "it is finished, by another process meanwhile; init_from=it trains" in refusal
    assert json.loads(path.read_text())["status"] == "FINISHED"


def test_a_folder_that_another_process_runs_in_keeps_its_configuration(workspace: Path) -> None:
    written = {path: path.read_bytes() for path in (folder_of() / "configuration").iterdir()}
    with locked(folder_of(), ""):
        refusal = call(program.main, *SMALL, FOLDER, f"hydra.run.dir={folder_of()}").refusal
    assert "another process is still running there; wait until it ends" in refusal
    assert written == {path: path.read_bytes() for path in written}
    assert call(program.main, f"resume={folder_of()}").code == 0


def test_a_finished_run_is_not_resumed(stored: str, configure: Callable[..., Any]) -> None:
    assert call(program.main, *SMALL, stored, "training.epochs=1").code == 0
    assert "no run was interrupted" in call(program.main, "resume=latest").refusal
    Path("it").mkdir()  # a folder of no run hides no run of its name
    for word in ("it", folder_of()):
        refusal = call(program.main, f"resume={word}").refusal
        assert f"is finished; init_from={word} trains its network further" in refusal


@pytest.mark.parametrize("word", ["012345678901", "4504e12"])
@pytest.mark.parametrize("key", ["init_from", "resume"])
def test_an_id_that_looks_like_a_number_is_looked_for_as_it_is(
    key: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"{word}: " in call(program.main, f"{key}={word}").refusal
