"""Networks that a run builds on: never written over, and named where they have changed."""

import shutil
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from calling import call

from run.interrupting import FOLDER, SMALL, interrupt
from runner import __main__ as program
from runner.base.errors import DataError
from runner.run import experiment

pytestmark = pytest.mark.usefixtures("eagerly")


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
