"""Interrupted runs that cannot go on, and what is said of them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from calling import call
from filelock import FileLock

from run.interrupting import FOLDER, SMALL, folder_of, interrupt
from runner import __main__ as program
from runner.base.folder_lock import locked
from runner.base.stored_files import DIGESTS
from runner.datasets.loader import load_dataset
from runner.run import experiment, fingerprint

pytestmark = pytest.mark.usefixtures("eagerly")


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


@pytest.mark.parametrize("word", ["012345678901", "4504e12"])
@pytest.mark.parametrize("key", ["init_from", "resume"])
def test_an_id_that_looks_like_a_number_is_looked_for_as_it_is(
    key: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"{word}: " in call(program.main, f"{key}={word}").refusal
