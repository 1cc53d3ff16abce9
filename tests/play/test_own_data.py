"""Folders and tables of one's own that can be trained on from the page."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from calling import call
from PIL import Image

from runner import __main__ as program
from runner.config import composition
from runner.play import __main__ as command
from runner.play.own_data import OwnData, own_data
from runner.play.play_requests import TrainingRequest
from runner.play.training_choices import training_choices
from runner.play.training_overrides import training_overrides
from runner.play.trainings import Trainings

FEW = ("training.batch_size=4", "device=cpu", "tracking=folder")


def pictures(folder: Path) -> Path:
    """Ten dark and ten bright pictures."""
    noise = np.random.default_rng(0)
    for name, low in (("dark", 0), ("bright", 150)):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            pixels = noise.integers(low, low + 100, (20, 20, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    return folder


def table(path: Path, targets: Sequence[object]) -> Path:
    """A row for each target, with two features."""
    rows = [f"{number},{number % 7},{target}" for number, target in enumerate(targets)]
    path.write_text("\n".join(["width,height,kind", *rows]) + "\n", encoding="utf-8")
    return path


def asked(own: OwnData, dataset: str, model: str) -> list[str]:
    return training_overrides(TrainingRequest(dataset, model, "adam", 1, 0.001, 4), own)


def test_pictures_are_offered_first_and_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = own_data(pictures(Path("Ana's pictures, 2")))
    first, *others = training_choices("en", own)["dataset"]
    assert (first["name"], first["own"], first["shape"]) == ("folder", True, [64, 64, 3])
    assert first["text"] == "pictures of your own: Ana's pictures, 2"
    assert "moons" in [other["name"] for other in others]
    assert training_choices("pt", own)["dataset"][0]["text"].startswith("imagens suas: ")
    overrides = asked(own, "folder", "dense")
    assert composition.compose_job(overrides).dataset.path == str(tmp_path / "Ana's pictures, 2")
    ran = call(program.main, *overrides, "model.hidden_units=[4]", *FEW)
    assert ran.code == 0, ran.error
    assert "of 4 wrong" in ran.out


def test_a_table_is_read_as_what_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = own_data(table(tmp_path / "words.csv", ["low", "high"] * 10))
    assert list(words.datasets) == ["csv"]
    numbers = own_data(table(tmp_path / "numbers.csv", [0.5 * row for row in range(20)]))
    assert list(numbers.datasets) == ["csv-regression"]
    whole = own_data(table(tmp_path / "whole.csv", [0, 1] * 10))
    assert list(whole.datasets) == ["csv", "csv-regression"]
    for own in (words, numbers):
        overrides = asked(own, next(iter(own.datasets)), "dense")
        assert "figures=[learning-curves,decision-regions]" in overrides
        ran = call(program.main, *overrides, *FEW)
        assert ran.code == 0, ran.error


def test_other_data_sets_stay_as_they_are(tmp_path: Path) -> None:
    own = own_data(table(tmp_path / "words.csv", ["low", "high"] * 10))
    assert asked(own, "moons", "dense")[:2] == ["dataset=moons", "model=dense"]
    assert "folder" not in [choice["name"] for choice in training_choices("en", own)["dataset"]]


def test_the_command_can_be_pasted_into_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    own = own_data(table(tmp_path / "my words.csv", ["low", "high"] * 10))
    trainings = Trainings(("true",), own=own)
    training = trainings.start(TrainingRequest("csv", "dense", "adam", 1, 0.001, 4))
    trainings.close()
    assert "csv" in training.plan.name
    assert training.command.startswith("runner dataset=csv \"dataset.path='")
    assert "my words.csv" in training.command
    plain = own_data(table(tmp_path / "words.csv", ["low", "high"] * 10))
    assert asked(plain, "csv", "dense")[1] == f"dataset.path={tmp_path / 'words.csv'}"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("nothing.csv", None, "there is no such file or folder; expected a folder that holds"),
        ("text.csv", "hello\n", "expected two columns or more"),
        ("empty", None, "expected a folder of pictures for each class, two or more, got none"),
    ],
)
def test_what_is_no_data_is_refused_before_the_page_opens(
    name: str, content: str | None, said: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    refusal = call(command.main, "--data", tmp_path / name, "--no-browser").refusal
    assert said in refusal
    assert str(tmp_path / name) in refusal
