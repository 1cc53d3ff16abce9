"""Runs from a notebook: one after another in a process, and loaded again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import PIL.Image
import pytest
import yaml  # type: ignore[import-untyped]
from matplotlib.figure import Figure

import runner
from runner.base.errors import ConfigurationError
from runner.base.option_types import FigureFormat
from runner.figures.figure_files import save_figure
from runner.run.notebook_figures import FigureFile, figures_in
from runner.tracking.found_run import CONFIGURATION

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
    wrong = second.report["test_errors"]
    error = f"{wrong / 100:.2f} % ({wrong} of 10,000 wrong)"
    assert repr(second) == f"<run {second.folder}: test error {error}>"
    assert latest.figures
    assert set(latest.figures) == {path.stem for path in (latest.folder / "figures").glob("*.png")}
    assert latest.figures._repr_html_().count("<img ") == len(latest.figures)


def test_a_text_is_no_list_of_options() -> None:
    with pytest.raises(ConfigurationError, match=r'model=dense: expected a list, .*"model=dense"'):
        runner.run("model=dense")


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("png", '<img style="max-width: 100%" src="data:image/png;base64,'),
        ("svg", '<img style="max-width: 100%" src="data:image/svg+xml;base64,'),
        ("pdf", 'PDF: <a href="figures%2Bmore/lines.pdf" target="_blank">figures+more/lines.pdf<'),
    ],
)
def test_a_figure_is_shown_in_each_format(
    form: FigureFormat, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_figure(Figure(), tmp_path / "figures+more/lines", form)
    figures = figures_in(tmp_path / "figures+more")
    assert list(figures) == ["lines"]
    assert figures._repr_html_().startswith(f"<h4>lines</h4>{shown}")


def test_texts_and_animations_are_shown_and_what_has_several_forms_once(tmp_path: Path) -> None:
    save_figure(("a < b", Figure()), tmp_path / "both")
    save_figure("a < b", tmp_path / "words")
    PIL.Image.new("L", (2, 2)).save(tmp_path / "turning.gif")
    (tmp_path / "notes.md").write_text("no figure")
    figures = figures_in(tmp_path)
    assert list(figures) == ["both", "turning", "words"]
    assert isinstance(figures["both"], PIL.Image.Image)
    assert figures["words"] == FigureFile(tmp_path / "words.txt")
    html = figures._repr_html_()
    assert html.count("data:image/png;") == html.count("data:image/gif;") == 1
    assert html.endswith("<h4>words</h4><pre>a &lt; b\n</pre>")


def test_a_notebook_leaves_out_and_adds_as_the_command_line_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    left_out = ["augmentation=[affine,flip]", "~augmentation.flip", "figures=roc", "~figures.roc"]
    added = ["++training.batch_size=50", "+model.units=7"]
    with pytest.raises(ConfigurationError, match=r"model\.units: there is no such option"):
        runner.run([*TINY, *left_out, *added])
    run = runner.run([*TINY, *left_out, *added[:1]])
    config = yaml.safe_load((run.folder / CONFIGURATION).read_text())
    assert list(config["augmentation"]) == ["affine"]
    assert config["figures"] == {}
    assert config["training"]["batch_size"] == 50


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("model=lenett", "no such choice"),
        ("-m", "expected KEY=VALUE"),
        ("sweep=below-0.66", "sweeps belong on the command line"),
        ("+sweep=below-0.66", "sweeps belong on the command line"),
        ("modle=lenet", "modle"),
        ("training", "expected KEY=VALUE, or ~KEY to leave something out"),
        ("~augmentation.elastic", "'augmentation.elastic' does not exist"),
    ],
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
