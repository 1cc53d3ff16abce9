"""Sweeps, run for real with small networks: what they keep, skip, survive and refuse."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from calling import Said, call
from filelock import FileLock

from runner import __main__ as program
from runner.base.console import console
from runner.base.early_interrupt import INTERRUPTED
from runner.base.errors import ConfigurationError
from runner.run import fingerprint
from runner.sweeps import sweep_session
from runner.sweeps.preparation import check_command
from runner.sweeps.report import report_command
from runner.tracking.found_run import FoundRun
from runner.tracking.mlflow_store import reading_store
from runner.tracking.run_store import StoredRun
from runner.tracking.sweep_records import runs_of_sweep, sweeps
from runner.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("eagerly")
SMALL = (
    *("device=cpu", "dataset.train_size=200", "dataset.validation_fraction=0.5"),
    *("training.epochs=1", "training.batch_size=50", "figures=[]", "tracking.log_model=false"),
    *("model=dense", "model.hidden_units=[4]"),
)
Sweep = Callable[..., Said]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working directory that the sweeps of this module share."""
    folder = tmp_path_factory.mktemp("work")
    with chdir(folder):
        yield folder


@pytest.fixture(scope="module")
def sweep(workspace: Path) -> Sweep:
    """Run `python -m runner -m` with arguments in this process."""
    return lambda *arguments: call(program.main, "-m", *SMALL, *arguments)


def found(run: StoredRun) -> FoundRun:
    return FoundRun(run.name, None, run, reading_store(Path("outputs"), None))


def runs(name: str, level: str = "job") -> list[StoredRun]:
    return [
        run
        for run in runs_of_sweep(reading_store(Path("outputs"), None), name)
        if run.level == level
    ]


def statuses(name: str) -> dict[str, list[str]]:
    """Return the status of each attempt at each job."""
    found: dict[str, list[str]] = {}
    for run in runs(name):
        found.setdefault(run.tags["job"], []).append(run.status)
    return found


def table(name: str) -> list[dict[str, str]]:
    with (Path("outputs/sweeps") / name / "report.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- a sweep of which one job fails ----------------------------------------------------------

RATES = "optimizer.learning_rate=0.001,1e30,0.05"


@pytest.fixture(scope="module")
def half_failed(sweep: Sweep) -> int:
    return sweep("sweep.name=half", RATES, "seeds=2").code


def test_a_failing_job_does_not_stop_the_others(half_failed: int) -> None:
    assert half_failed == 1
    assert statuses("half") == {
        "learning_rate=0.001": ["FINISHED"],
        "learning_rate=1e+30": ["FAILED"],
        "learning_rate=0.05": ["FINISHED"],
    }


def test_the_error_is_kept_with_the_run_and_in_a_file(half_failed: int) -> None:
    failed = next(run for run in runs("half") if run.status == "FAILED")
    assert "the loss is nan" in failed.tags["error"]
    trace = Path("outputs/sweeps/half/jobs/learning_rate=1e+30/error.txt").read_text()
    assert "TrainingError" in trace


def test_runs_are_nested_sweep_job_seed(half_failed: int) -> None:
    (whole,) = runs("half", "sweep")
    assert whole.status == "FAILED"
    assert {run.tags["mlflow.parentRunId"] for run in runs("half")} == {whole.run_id}
    finished = [run.run_id for run in runs("half") if run.status == "FINISHED"]
    seeds = [run.tags["mlflow.parentRunId"] for run in runs("half", "seed")]
    assert [seeds.count(run_id) for run_id in finished] == [2, 2]


def test_the_table_is_sorted_by_validation_error_and_shows_what_varied(half_failed: int) -> None:
    rows = table("half")
    assert list(rows[0])[:3] == ["job", "optimizer.learning_rate", "seeds"]
    errors = [float(row["validation_error_mean"]) for row in rows[:2]]
    assert errors == sorted(errors)
    assert [row["status"] for row in rows] == ["finished", "finished", "failed"]
    assert all(float(row["test_error_sd"]) >= 0 for row in rows[:2])
    text = Path("outputs/sweeps/half/report.md").read_text()
    assert "2 finished, 1 failed" in text
    assert "learning_rate=1e+30 failed: TrainingError: the loss is nan" in text
    assert "dataset" not in text
    assert "batch_size" not in text


def test_the_table_agrees_with_the_reports_of_the_jobs(half_failed: int) -> None:
    for row in table("half")[:2]:
        folder = Path("outputs/sweeps/half/jobs") / row["job"]
        seeds = [json.loads(path.read_text()) for path in folder.glob("seed-*/report.json")]
        mean = 100 * sum(seed["validation_error"] for seed in seeds) / len(seeds)
        assert float(row["validation_error_mean"]) == pytest.approx(mean)


def test_table_and_figures_are_logged_to_the_sweep(half_failed: int) -> None:
    (whole,) = runs("half", "sweep")
    logged = {file.path for file in mlflow.MlflowClient().list_artifacts(whole.run_id)}
    assert {"report.md", "report.csv", "error-optimizer.learning_rate.png"} <= logged


def test_the_same_command_goes_on_where_it_stopped(half_failed: int, sweep: Sweep) -> None:
    before = table("half")
    assert sweep("sweep.name=half", RATES, "seeds=2").code == 1
    assert statuses("half") == {
        "learning_rate=0.001": ["FINISHED"],
        "learning_rate=1e+30": ["FAILED", "FAILED"],
        "learning_rate=0.05": ["FINISHED"],
    }
    assert len(runs("half", "sweep")) == 1
    assert table("half")[:2] == before[:2]


# --- what is skipped, and what is not --------------------------------------------------------


def test_what_changed_is_run_again(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep("sweep.name=changed", "seed=range(1)").code == 0
    assert sweep("sweep.name=changed", "seed=0,1").code == 0
    assert statuses("changed") == {f"seed={n}": ["FINISHED"] for n in range(2)}
    assert sweep("sweep.name=changed", "seed=range(1)", "optimizer.learning_rate=0.1").code == 0
    assert statuses("changed")["seed=0"] == ["FINISHED"] * 2
    monkeypatch.setattr(fingerprint, "code_version", lambda _: "another")
    assert sweep("sweep.name=changed", "seed=range(1)").code == 0
    assert statuses("changed")["seed=0"] == ["FINISHED"] * 3


def test_resume_false_is_a_sweep_of_its_own(sweep: Sweep, workspace: Path) -> None:
    for _ in range(2):
        assert sweep("sweep.name=fresh", "sweep.resume=false", "seed=7").code == 0
    names = [run.tags["sweep"] for run in sweeps(reading_store(Path("outputs"), None))]
    assert sum(name.startswith("fresh-") for name in names) >= 1
    assert not runs("fresh")


def second_training_raises(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Return the seeds trained with from now on, in their order."""
    trained: list[int] = []
    fit = Trainer.fit_together

    def interrupted(self: Trainer, seeds: list[int], *rest: Any) -> Any:
        trained.extend(seeds)
        if len(trained) == 2:
            raise error
        return fit(self, seeds, *rest)

    monkeypatch.setattr(Trainer, "fit_together", interrupted)
    return trained


def test_an_interrupted_job_keeps_its_finished_seeds(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = second_training_raises(KeyboardInterrupt, monkeypatch)
    arguments = ("sweep.name=seeds", "seeds=3", "optimizer.learning_rate=0.01")
    assert sweep(*arguments).code == INTERRUPTED
    assert statuses("seeds") == {"job": ["KILLED"]}
    assert "1 killed" in Path("outputs/sweeps/seeds/report.md").read_text()
    assert sweep(*arguments).code == 0
    assert trained == [0, 1, 1, 2]
    assert statuses("seeds") == {"job": ["KILLED", "FINISHED"]}
    finished = runs("seeds")[-1]
    children = [r for r in runs("seeds", "seed") if r.parent == finished.run_id]
    assert sorted(run.tags["seed"] for run in children) == ["0", "1", "2"]
    assert [seed["seed"] for seed in found(finished).report()["seeds"]] == [0, 1, 2]
    ensemble = found(finished).report()["summary"]["ensemble"]
    kept = [told for child in children if (told := found(child).predictions()["test"])]
    mean = np.mean([one.probabilities for one in kept], axis=0)
    assert ensemble["networks"] == len(kept) == 3
    assert ensemble["test_errors"] == (mean.argmax(axis=1) != kept[0].labels).sum()


def test_a_job_does_not_take_over_the_seeds_of_another(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both jobs have the same identity, since language decides no result."""
    trained = second_training_raises(MemoryError, monkeypatch)
    assert sweep("sweep.name=two", "seeds=2", "language=en,pt").code == 1
    assert trained == [0, 1, 0, 1]
    assert len({run.tags["fingerprint"] for run in runs("two")}) == 1
    parents = [run.tags["mlflow.parentRunId"] for run in runs("two", "seed")]
    failed, finished = runs("two")
    assert (failed.status, parents.count(failed.run_id)) == ("FAILED", 2)
    assert (finished.status, parents.count(finished.run_id)) == ("FINISHED", 2)


def test_max_failures_stops_early_and_says_so(sweep: Sweep) -> None:
    rates = "optimizer.learning_rate=1e30,1e31,1e32"
    said = sweep("sweep.name=limit", "sweep.max_failures=2", rates)
    assert said.code == 1
    assert len(runs("limit")) == 2
    assert "max_failures=2" in said.out


def test_a_sweep_speaks_the_language_of_its_runs(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "width", 200)
    arguments = ("sweep.name=fala", "language=pt", "optimizer.learning_rate=0.001,1e30")
    first, again = sweep(*arguments), sweep(*arguments)
    assert first.out.startswith("varredura fala em ")
    assert "\ncomeçou   learning_rate=0.001\n" in first.out
    assert re.search(r"\nterminou  learning_rate=0.001  erro de validação \d+,\d\d %, ", first.out)
    assert "\nfalhou  learning_rate=1e+30  a perda é nan na época 1; tente" in first.out
    assert "\nterminou antes  learning_rate=0.001\n" in again.out
    reported = call(report_command.main, "fala")
    for told in (first, again, reported):
        assert "\nfala: 1 terminou, 1 falhou" in f"\n{told.out}"
        assert "erro de validação / %" in told.out
        assert "\nEm ordem do erro médio de validação; o erro de teste é apenas" in told.out
        assert "\nlearning_rate=1e+30 falhou: TrainingError: a perda é nan na época 1" in told.out
    assert "gravado em" in reported.out
    listed = call(report_command.main).out.splitlines()
    assert any(line.startswith("fala  falhou  ") for line in listed)
    assert "\nfala  failed  " in "\n" + call(report_command.main, "--language", "en").out
    assert {row["status"] for row in table("fala")} == {"finished", "failed"}
    folder = Path("outputs/sweeps/fala")
    assert "1 finished, 1 failed." in (folder / "report.md").read_text(encoding="utf-8")
    assert "1 terminou, 1 falhou." in (folder / "report.html").read_text(encoding="utf-8")


def test_nothing_is_composed_once_a_sweep_has_started(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = check_command(["-m", *SMALL, "sweep.name=frozen", "seed=0,1"])
    assert prepared is not None

    def composed(*_: Any) -> None:
        raise AssertionError("a job was composed after the sweep had started")

    monkeypatch.setattr("runner.config.hydra_composition.compose", composed)
    sweep_session.run_sweep(prepared)
    assert statuses("frozen") == {f"seed={n}": ["FINISHED"] for n in range(2)}


def test_a_job_that_cannot_open_its_run_has_a_failed_one_all_the_same(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.run.experiment.prepare_device", lambda *_: 1 / 0)
    assert sweep("sweep.name=early", "seed=0,1").code == 1
    assert statuses("early") == {"seed=0": ["FAILED"], "seed=1": ["FAILED"]}
    assert all("division by zero" in run.tags["error"] for run in runs("early"))


# --- sweeps that are refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("model=lenet,dense,lenett", ["lenett", "did you mean lenet or resnet?"]),
        ("callbacks=none,none,early-stoping", ["early-stoping", "did you mean early-stopping?"]),
        ("optimizer=adam,adamw,sgd optimizer.beta_1=0.9", ["beta_1"]),
        ("seed=range(3,3)", ["seed=range(3,3)", "nothing"]),
        ("seed=1,2,1", ["seed=1", "the same"]),
        ("seed=1,2 hydra/launcher=jobli", ["did you mean joblib?"]),
        ("seed=1,2 hydra/launcher=basic", ["sequential", "joblib", "ray", "slurm"]),
        ("seed=1,2 hydra/launcher=joblib hydra.launcher.n_jobs=0", ["hydra.launcher.n_jobs=0"]),
        ("seed=1,2 sweep.max_failures=0", ["sweep.max_failures=0"]),
        ("seed=1,2 sweep.name=a/b", ["sweep.name=a/b"]),
        ("seed=1,2 evaluation.test=false dataset.validation_fraction=0", ["evaluation.test"]),
    ],
)
def test_a_bad_sweep_is_refused(arguments: str, words: list[str], workspace: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_command(["-m", *arguments.split()])
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_sweeps_do_not_write_the_same_folder(sweep: Sweep, workspace: Path) -> None:
    folder = workspace / "outputs/sweeps/taken"
    folder.mkdir(parents=True)
    with FileLock(folder / ".lock"):
        said = sweep("sweep.name=taken", "seed=0,1")
    assert "another sweep is writing there" in said.refusal
    assert not runs("taken")


def test_a_sweep_does_not_move(sweep: Sweep) -> None:
    assert sweep("sweep.name=moved", "seed=0").code == 0
    said = sweep("sweep.name=moved", "seed=0", "hydra.sweep.dir=elsewhere")
    assert "cannot go on in" in said.refusal
