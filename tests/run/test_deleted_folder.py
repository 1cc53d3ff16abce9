"""Runs whose folder is deleted while they go on say so, and finish where they can."""

import shutil
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import Said, call

from run.mlflow_runs import SMALL, runs
from runner import __main__ as program
from runner.run import recorder, seed_record

NETWORK = ("model=dense", "model.hidden_units=[8]", "figures=[learning-curves]")


def deleted_before(step: str, owner: Any, folder: Path, *more: str) -> Said:
    """Train in a folder that is deleted just before a step, a function of a module."""
    made = getattr(owner, step)

    def deleting(*arguments: Any, **options: Any) -> Any:
        while folder.exists():  # something is just written there
            shutil.rmtree(folder, ignore_errors=True)
        return made(*arguments, **options)

    with chdir(folder.parent), pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, step, deleting)
        return call(program.main, *NETWORK, *SMALL, f"hydra.run.dir={folder}", *more)


@pytest.mark.parametrize(
    ("step", "owner", "more"),
    [
        ("savez_compressed", np, ()),  # beside its network
        ("begin_figures", recorder, ()),  # which make the folder anew
        ("write_run_page", seed_record, ()),
        ("save_summary", recorder, ("seeds=2",)),
    ],
)
def test_a_run_that_misses_its_files_says_that_they_were_deleted(
    step: str, owner: Any, more: tuple[str, ...], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    said = deleted_before(step, owner, folder, *more)
    assert said.code == 1
    line = said.error.splitlines()[-1]
    assert line.startswith(f"error: {folder}: was deleted or moved, or files in it, while the run")
    assert "repeat the command, and leave the folder alone" in line
    job = next(run for run in runs(tmp_path) if run.data.tags["level"] == "job")
    assert job.info.status == "FAILED"
    assert line.removeprefix("error: ") in job.data.tags["error"]


def test_a_run_that_misses_nothing_any_more_finishes_and_says_what_is_not_there(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    said = deleted_before("log_result", seed_record, folder)
    assert said.code == 0
    assert "test error" in said.out
    line = said.error.splitlines()[-1]
    assert line.startswith(f"note: {folder}: was deleted or moved while the run went on")
    (run,) = runs(tmp_path)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["test_error"] < 1


def test_a_file_that_is_missing_elsewhere_keeps_its_own_error(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    with chdir(tmp_path), pytest.MonkeyPatch.context() as patch:
        patch.setattr(seed_record, "save_baselines", lambda *_: elsewhere.read_text())
        said = call(program.main, *NETWORK, *SMALL, "tracking=folder")
    assert said.code == 1
    assert "FileNotFoundError" in said.error
    assert str(elsewhere) in said.error
