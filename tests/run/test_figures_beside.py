"""A run whose figures are drawn in other processes, while its other seeds are evaluated."""

import json
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from calling import Said, call

from runner import __main__ as program
from runner.base.errors import TrainingError
from runner.evaluation.split_losses import measure_losses
from runner.figures import drawing_pool
from runner.run import experiment, run_figures
from runner.tracking.folder_store import folder_store

FIGURES = "figures=[learning-curves,misclassified,first-filters,environment]"
NETWORK = ("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]")
SEEDS = ("seeds=3", "seeds_together=3", "device=cpu", "dataset.train_size=600", *NETWORK)
ARGUMENTS = (FIGURES, "training.epochs=1", *SEEDS, "tracking=folder")


def run(workspace: Path, workers: int, *arguments: str) -> Said:
    workspace.mkdir()
    with chdir(workspace), pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_figures, "worker_count", lambda _: workers)
        return call(program.main, *ARGUMENTS, *arguments)


def drawn(workspace: Path) -> dict[str, bytes]:
    (folder,) = {path.parent for path in workspace.glob("outputs/*/*/configuration")}
    found = [*folder.rglob("*.png"), *folder.rglob("environment.txt")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def statuses(workspace: Path) -> list[str]:
    with chdir(workspace):
        store = folder_store("mnist", Path("outputs"), None)
        return sorted(run.status for run in store.find({"level": "seed"}))


def test_the_files_are_the_same_and_every_seed_is_finished(tmp_path: Path) -> None:
    said = [run(tmp_path / str(workers), workers) for workers in (0, 2)]
    assert [one.code for one in said] == [0, 0], said
    here, there = drawn(tmp_path / "0"), drawn(tmp_path / "2")
    assert {f"seed-{seed}/figures/first-filters.png" for seed in range(3)} < there.keys()
    assert there == here
    assert statuses(tmp_path / "2") == ["FINISHED"] * 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, TrainingError("the loss is nan")])
def test_what_is_evaluated_before_the_end_is_finished(
    error: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Any] = []

    def third_fails(*arguments: Any) -> Any:
        measured.append(arguments)
        if len(measured) == 3:
            raise error
        return measure_losses(*arguments)

    monkeypatch.setattr(experiment, "measure_losses", third_fails)
    assert run(tmp_path / "work", 2).code != 0
    ended = "KILLED" if error is KeyboardInterrupt else "FAILED"
    assert statuses(tmp_path / "work") == sorted([ended, "FINISHED", "FINISHED"])
    assert len([name for name in drawn(tmp_path / "work") if "misclassified" in name]) == 2


def test_an_error_of_a_figure_is_one_line_and_all_else_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("no such color")

    monkeypatch.setattr(drawing_pool._DrawingProcess, "ask", broken)
    said = run(tmp_path / "work", 1)
    assert said.code != 0
    assert "no such color" in said.error
    assert statuses(tmp_path / "work") == ["FINISHED"] * 3
    assert json.dumps(said.error).count("\\n") <= 1


OWN = """
def class_errors(run):
    return 1 / 0
"""


@pytest.mark.parametrize("workers", [0, 1])
def test_a_figure_of_ones_own_that_fails_leaves_the_others_and_the_page(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "conf/figures/class-errors.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("class-errors:\n  _target_: drawings.class_errors\n", encoding="utf-8")
    (tmp_path / "drawings.py").write_text(OWN, encoding="utf-8")
    monkeypatch.setattr(run_figures, "worker_count", lambda _: workers)
    monkeypatch.chdir(tmp_path)
    chosen = "figures=[learning-curves,class-errors,misclassified]"
    said = call(program.main, *ARGUMENTS, chosen, "seeds=1")
    place = "(drawings.py, line 3)"
    line = f"error: figure class-errors: ZeroDivisionError: division by zero {place}\n"
    assert (said.code, said.error) == (1, line)
    assert "figures   learning-curves, misclassified\n" in said.out
    assert "test error" in said.out
    assert len(list(tmp_path.glob("outputs/*/*/report.html"))) == 1
    (run,) = folder_store("mnist", Path("outputs"), None).find({"level": "job"})
    assert run.status == "FINISHED"


def test_a_sweep_keeps_the_job_of_a_figure_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("no such color")

    monkeypatch.setattr(drawing_pool._DrawingProcess, "ask", broken)
    monkeypatch.setattr(run_figures, "worker_count", lambda _: 1)
    monkeypatch.chdir(tmp_path)
    said = call(program.main, "-m", *ARGUMENTS, "seeds=1", "training.epochs=1,2", "sweep.name=two")
    line = "error: figures of 2 of the jobs failed: epochs=1, epochs=2\n"
    assert (said.code, said.error) == (1, line)
    assert said.out.count("figure learning-curves: ValueError: no such color") == 2
    (job,) = folder_store("two", Path("outputs"), None).find({"job": "epochs=1"})
    assert job.status == "FINISHED"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        (
            "en",
            "not drawn predicted-against-true: made for numbers; roc: made for two classes; "
            "decision-regions: made for two features and at most 20,000 weights, recorded in "
            "training",
        ),
        (
            "pt",
            "ausentes  predicted-against-true: feitas para números; roc: feitas para duas classes; "
            "decision-regions: feitas para duas características e no máximo 20 000 pesos, "
            "registrados no treino",
        ),
    ],
)
def test_what_was_asked_for_and_not_drawn_is_said(
    language: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = "figures=[predicted-against-true,learning-curves,roc,decision-regions]"
    said = call(program.main, *ARGUMENTS, asked, "seeds=1", f"language={language}")
    assert said.code == 0, said.error
    assert said.out.count(f"{line}\n") == 1


def test_of_the_usual_figures_those_that_are_not_drawn_are_not_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = call(program.main, *ARGUMENTS[1:], "seeds=1")
    assert said.code == 0, said.error
    assert "not drawn" not in said.out
