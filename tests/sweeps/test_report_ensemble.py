"""`python -m runner.report ensemble`: what finished runs say together."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
from calling import call

from runner.evaluation.predictions import FILES, Predictions
from runner.sweeps.report.report_command import main
from runner.tracking.mlflow_store import mlflow_store
from runner.tracking.open_run import OpenRun

LABELS = np.array([0, 1, 2, 0])


def told(labels: Any, seed: int, examples: str = "digits") -> Predictions:
    rows = np.random.default_rng(seed).dirichlet(np.ones(3), len(labels)).astype(np.float32)
    return Predictions(np.array(labels), rows, rows[:, ::-1], examples)


def keep(
    run: OpenRun,
    folder: Path,
    seed: int,
    labels: Any = LABELS,
    examples: str = "digits",
    **report: float,
) -> Predictions:
    """Write what a training leaves in its folder, and log it with a run that is open."""
    folder.mkdir(parents=True, exist_ok=True)
    given = told(labels, seed, examples)
    (folder / "report.json").write_text(json.dumps({"seed": seed} | report))
    np.savez(folder / FILES["test"], **given.arrays())  # type: ignore[arg-type]
    run.log_folder(folder)
    return given


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with the runs `two` (seeds 3 and 4), `one`, and some that do not go with them.

    `other` has other labels, `drawn` other images with the same ones, and `rows` is a regression.
    """
    workspace = tmp_path_factory.mktemp("ensemble")
    with chdir(workspace):
        tracker = mlflow_store("mnist", Path("outputs"), None, log_model=False)
        tags = {"level": "job", "folder": str(workspace / "kept/two")}
        with tracker.open("two", tags) as parent:
            for seed in (3, 4):
                own = {"level": "seed", "seed": str(seed)}
                own["folder"] = str(workspace / f"kept/two/seed-{seed}")
                with tracker.open(f"two-seed-{seed}", own, parent=parent.run_id) as run:
                    keep(run, workspace / f"kept/two/seed-{seed}", seed)
            seeds = [{"seed": seed} for seed in (3, 4)]
            (workspace / "kept/two/report.json").write_text(json.dumps({"seeds": seeds}))
        for name, labels in (("one", LABELS), ("other", LABELS[::-1])):
            folder = workspace / "kept" / name
            with tracker.open(name, {"level": "job", "folder": str(folder)}) as run:
                keep(run, folder, 5, labels)
        folder = workspace / "kept/drawn"
        with tracker.open("drawn", {"level": "job", "folder": str(folder)}) as run:
            keep(run, folder, 5, examples="other digits")
        folder = workspace / "kept/rows"
        with tracker.open("rows", {"level": "job", "folder": str(folder)}) as run:
            keep(run, folder, 5, test_mse=0.1)
            run.log_metrics({"test_mse": 0.1})
        yield workspace


@pytest.mark.parametrize("words", [("two", "one"), ("kept/two", "kept/one"), ("kept/two", "one")])
def test_runs_answer_together_and_are_tracked(words: tuple[str, ...], store: Path) -> None:
    answer = call(main, "ensemble", *words)
    assert answer.code == 0, answer.error
    said = answer.out
    networks = [told(LABELS, seed) for seed in (3, 4, 5)]
    mean = np.mean([network.probabilities for network in networks], axis=0)
    error = float((mean.argmax(axis=1) != LABELS).mean())
    views = np.mean([network.arrays()["tta_probabilities"] for network in networks], axis=0)
    logged = mlflow.MlflowClient().get_run(said.split()[-1])
    assert logged.data.metrics["test_error"] == error
    assert logged.data.metrics["tta_test_error"] == (views.argmax(axis=1) != LABELS).mean()
    assert logged.data.params["networks"] == "3"
    assert logged.data.params["member_1"] == "two"
    assert logged.data.params["member_1.seeds"] == "[3, 4]"
    assert mlflow.get_experiment(logged.info.experiment_id).name == "mnist"
    rows = {line.strip().split("  ")[0]: line.split() for line in said.splitlines() if "  " in line}
    assert rows["ensemble"][1:3] == ["3", f"{100 * error:.3f}"]
    single = [100 * float((n.predictions != LABELS).mean()) for n in networks]
    assert rows["one"][2] == f"{single[2]:.3f}"
    assert f"{np.mean(single):.3f} ± {np.std(single, ddof=1):.3f}" in said


def test_an_ensemble_is_told_in_portuguese(store: Path) -> None:
    said = call(main, "ensemble", "two", "one", "--language", "pt").out
    english = call(main, "ensemble", "two", "one").out
    assert "erro de teste / %  erro de teste com TTA / %" in said
    names = [line.split("  ")[0].strip() for line in said.splitlines() if "," in line]
    assert names == ["two", "one", "redes isoladas, média", "conjunto"]
    numbers = english.partition("ensemble")[2].split()[1]
    assert numbers.replace(".", ",") in said
    assert "registrado como execução" in said


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("one",), "two networks or more"),
        (("two", "kept/two"), "named more than once"),
        (("two", "two-seed-3"), "two-seed-3: its network of seed 3 is named more than once"),
        (("kept/two", "kept/two/seed-3"), "seed-3: its network of seed 3 is named more than once"),
        (("two-seed-3", "kept/two/seed-3"), "named more than once"),
        (("two", "other"), "their test images differ"),
        (("two", "drawn"), "two and drawn cannot form an ensemble: their test images differ (as"),
        (("rows", "one"), "rows: its networks are regressions, and only probabilities of classes"),
        (("one", "kept/rows"), "kept/rows: its networks are regressions"),
        (("two", "onne"), "did you mean one"),
        (("kept/nowhere", "one"), "no such file or folder"),
    ],
)
def test_what_cannot_answer_together_is_refused_in_one_line(
    words: tuple[str, ...], expected: str, store: Path
) -> None:
    assert expected in call(main, "ensemble", *words).refusal
