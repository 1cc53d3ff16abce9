"""`tracking=folder`: runs, seeds, sweeps, reports and init_from, and nothing of MLflow imported."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from calling import Said, call

from runner import __main__ as program
from runner.predict import inspection
from runner.sweeps.report import report_command
from runner.tracking.folder_store import FolderStore

pytestmark = pytest.mark.usefixtures("eagerly")
FOLDER = ("tracking=folder", "dataset=5-vs-6", "dataset.train_size=200", "model=dense")
TINY = (*FOLDER, "model.hidden_units=[4]", "training.epochs=1", "device=cpu", "figures=[]")
Ran = Callable[..., Said]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("folder-tracking")


@pytest.fixture(scope="module")
def ran(workspace: Path) -> Ran:
    """Run the program in the workspace."""

    def run(*arguments: str) -> Said:
        with chdir(workspace):
            said = call(program.main, *arguments)
        assert said.code == 0, said.error
        return said

    return run


def store(workspace: Path) -> FolderStore:
    return FolderStore(workspace / "outputs/runs")


def test_a_run_imports_nothing_of_mlflow(workspace: Path) -> None:
    code = (
        "import sys; from runner.__main__ import main; code = main()\n"
        "sys.exit(code or ('mlflow' in sys.modules and 'mlflow was imported'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *TINY, "tracking.run_name=alone", "seeds=2"],
        cwd=workspace,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (workspace / "outputs/mlflow.db").exists()
    job, *seeds = store(workspace).find()
    assert [run.level for run in (job, *seeds)] == ["job", "seed", "seed"]
    assert all(run.parent == job.run_id and run.status == "FINISHED" for run in seeds)
    assert job.metrics["test_error"] == pytest.approx(
        sum(run.metrics["test_error"] for run in seeds) / 2
    )
    assert "runner.report compare" in done.stdout


def test_a_sweep_goes_on_where_it_was_stopped(workspace: Path, ran: Ran) -> None:
    with chdir(workspace):
        assert "no sweep in outputs" in call(report_command.main).out
    first = ran("-m", *TINY, "sweep.name=grid", "seed=0,1", "dataset.validation_fraction=0.1")
    assert first.out.count("started") == 2
    more = ran("-m", *TINY, "sweep.name=grid", "seed=0,1,2", "dataset.validation_fraction=0.1")
    assert more.out.count("finished before") == 2
    assert more.out.count("started") == 1
    jobs = store(workspace).find({"sweep": "grid", "level": "job"})
    assert [run.status for run in jobs] == ["FINISHED"] * 3
    table = (workspace / "outputs/sweeps/grid/report.csv").read_text().splitlines()
    assert len(table) == 4
    with chdir(workspace):
        assert "grid  finished" in call(report_command.main).out
        assert "written to" in call(report_command.main, "grid").out


def test_a_training_goes_on_from_a_run_by_name(workspace: Path, ran: Ran) -> None:
    ran(*TINY, "tracking.run_name=before", "seed=5")
    said = ran(*TINY, "tracking.run_name=after", "seed=5", "init_from=before")
    assert "weights and optimizer, after 2 steps" in said.out
    (after,) = store(workspace).find(name="after")
    (before,) = store(workspace).find(name="before")
    assert after.tags["init_from"] == before.run_id


def test_runs_are_compared_averaged_and_drawn_by_name(workspace: Path, ran: Ran) -> None:
    ran(*TINY, "tracking.run_name=one", "seeds=2")
    ran(*TINY, "tracking.run_name=two", "seeds=2", "seed=4")
    with chdir(workspace):
        assert "p = " in call(report_command.main, "compare", "one", "two").out
        ensemble = call(report_command.main, "ensemble", "one", "two")
        assert ensemble.code == 0, ensemble.error
        drawn = call(inspection.main, "one", "confusion-matrix")
        assert drawn.code == 0, drawn.error
        assert len(drawn.drawn) == 1
    (logged,) = store(workspace).find({"level": "ensemble"})
    assert logged.metrics["networks"] == 4


def test_every_stored_run_is_one_readable_file(workspace: Path) -> None:
    files = list((workspace / "outputs/runs").glob("*.json"))
    assert files
    assert all("run_id" in json.loads(path.read_text()) for path in files if path.stem.isalnum())
    assert not list((workspace / "outputs/runs").glob(".*.part"))
