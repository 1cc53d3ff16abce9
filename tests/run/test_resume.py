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
from calling import call

from run.interrupting import FOLDER, SMALL, folder_of, interrupt
from runner import __main__ as program
from runner.base.errors import TrainingError
from runner.run import experiment
from runner.tracking import track_command
from runner.tracking.folder_store import FolderStore
from runner.tracking.mlflow_store import mlflow_store
from runner.tracking.run_store import RunStore, StoredRun
from runner.training.stage import Stage

pytestmark = pytest.mark.usefixtures("eagerly")
SEEDS = (*SMALL, "seeds=[3,5]")
MLFLOW = "tracking.log_model=false"


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


def test_a_finished_run_is_not_resumed(stored: str, configure: Callable[..., Any]) -> None:
    assert call(program.main, *SMALL, stored, "training.epochs=1").code == 0
    assert "no run was interrupted" in call(program.main, "resume=latest").refusal
    Path("it").mkdir()  # a folder of no run hides no run of its name
    for word in ("it", folder_of()):
        refusal = call(program.main, f"resume={word}").refusal
        assert f"is finished; init_from={word} trains its network further" in refusal
