"""Runs from a notebook: one after another in a process, and loaded again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import runner
from runner.base.errors import ConfigurationError

TINY = ["model=dense", "training.epochs=1", "dataset.train_size=200", "device=cpu"]


def test_runs_follow_each_other_and_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = runner.run([*TINY, "seed=1"])
    second = runner.run([*TINY, "seed=2"])
    assert (first.report["seed"], second.report["seed"]) == (1, 2)
    assert first.folder != second.folder
    assert len(second.history["loss"]) == 1
    assert second.network.count_params() == second.report["parameters"]
    assert second.predictions["test"] is not None
    latest = runner.load("latest")
    assert latest.report == second.report
    assert latest.figures
    assert set(latest.figures) == {path.stem for path in (latest.folder / "figures").glob("*.png")}
    assert latest.figures._repr_html_().count("<img ") == len(latest.figures)


@pytest.mark.parametrize(
    ("word", "message"),
    [("model=lenett", "no such choice"), ("-m", "expected KEY=VALUE"), ("modle=lenet", "modle")],
)
def test_a_mistake_is_one_line(word: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as error:
        runner.run([word])
    assert error.value._render_traceback_() == [f"error: {error.value}"]
    assert "\n" not in str(error.value)


def test_run_stays_a_package() -> None:
    from runner.run import experiment

    package: object = runner.run
    assert package is sys.modules["runner.run"]
    assert experiment is sys.modules["runner.run.experiment"]
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        _ = runner.runn


def test_import_leaves_tensorflow_alone() -> None:
    code = "import sys, runner; runner.load; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
