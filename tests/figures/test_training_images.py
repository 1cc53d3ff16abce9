"""Data before training: on the terminal, and as the figure training-images."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from figures.configured import Configured
from runner.base.console import console
from runner.base.tasks import Classification
from runner.datasets import summary
from runner.datasets.__main__ import main
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.figures import training_images as module
from runner.figures.finished_run import ClassificationRun, RegressionRun
from runner.figures.paper import printable

training_images = Configured("training-images")
ENGLISH = {
    *("images", "rows", "task", "label", "labels", "output", "outputs", "repeated", "drawn", "for"),
    *("of", "the", "training", "validation", "test", "to", "mean", "standard", "deviation", "are"),
    *("there", "before", "too", "class", "feature", "min", "sd", "by", "digits", "numbers", "and"),
}


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "width", 200)


def test_each_class_has_a_row_with_its_mean_its_count_and_its_first_images(
    digits: ClassificationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = []
    monkeypatch.setattr(module, "contact_sheet", lambda *a, **k: sheets.append((a, k)))
    assert digits.train is not None
    training_images(digits, each=3)
    ((images, captions), options) = sheets[0]
    assert options["columns"] == 4
    numbers = np.flatnonzero(digits.train.labels == 7)
    assert captions[28] == f"7\n{len(numbers)}"
    assert captions[29:32] == tuple(f"#{n}" for n in numbers[:3])
    of_class = digits.train.images[numbers]
    np.testing.assert_array_equal(images[29], printable(of_class[:1])[0])
    mean = np.repeat(255 - of_class.mean(axis=0), 3, axis=-1)
    np.testing.assert_allclose(images[28], mean, atol=0.51)


def test_a_rare_class_leaves_paper_and_many_classes_are_cut(
    digits: ClassificationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = []
    monkeypatch.setattr(module, "contact_sheet", lambda *a, **k: sheets.append((a, k)))
    few = TrainSplit(digits.images[:1], np.array([1]))
    training_images(replace(digits, train=few), each=2, classes=2)
    ((images, captions), options) = sheets[0]
    assert captions == ("0\n0", "", "", "1\n1", "#0", "")
    assert (images[:3] == 255).all()
    assert options["subtitle"].endswith("; the first 2 classes are drawn")


def test_tables_are_drawn_by_their_features(numbers: RegressionRun) -> None:
    drawn = training_images(numbers)
    assert isinstance(drawn, Figure)
    assert [axes.get_xlabel() for axes in drawn.axes] == ["feature 0", "feature 1"]
    assert training_images(replace(numbers, train=None)) is None


def test_repeated_images_are_counted() -> None:
    images = np.arange(5, dtype=np.uint8).reshape(5, 1, 1, 1)
    train = TrainSplit(images[[0, 1, 1, 2]], np.array([0, 1, 1, 0]))
    test = TestSplit(images[[2, 4]], np.array([0, 1]))
    data = Dataset("toy", Classification(["a", "b"]), train, None, test)
    assert summary.repetitions(data) == (
        "1 of the training images are there before, 1 of the test images too"
    )


def test_show_prints_counts_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["show", "5-vs-6", "dataset.train_size=500", "--language", "pt"]
    assert main([*arguments, "--output", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "500 de treino, 1\N{NO-BREAK SPACE}850 de teste" in told
    assert "28 x 28 x 1, 0 a 255, média " in told
    assert (tmp_path / "training-images.png").stat().st_size > 5000
    assert main(["show", "regression", "--output", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("training rows ") == 3


@pytest.mark.parametrize("name", ["weight-age", "regression", "shapes-labels", "5-vs-6"])
def test_show_in_portuguese_leaves_nothing_in_english(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["show", name, "dataset.validation_fraction=0.5", "--output", str(tmp_path)]
    assert main([*wanted, "--language", "pt"]) == 0
    told = capsys.readouterr().out.replace(str(tmp_path / "training-images.png"), "")
    assert not set(re.findall(r"[^\W\d_]+", told.lower())) & ENGLISH
    assert not re.search(r"\d\.\d", told)
    assert main(wanted) == 0
    assert set(re.findall(r"[^\W\d_]+", capsys.readouterr().out)) & ENGLISH


def test_show_of_an_unknown_name_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "fashon"]) == 2
    assert "did you mean fashion" in capsys.readouterr().err
