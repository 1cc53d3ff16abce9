"""Answers of `python -m runner.predict` on pictures: of one network, of seeds, in each format."""

import csv
import json
import shutil
from contextlib import chdir
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from calling import call
from PIL import Image

from predict.predicted_runs import Predict, classes, configure, keep, small
from runner.datasets.splits import Dataset
from runner.predict.__main__ import main


def stored(digit_runs: Path, images: Any) -> Any:
    network = keras.models.load_model(digit_runs / "run/model.keras", compile=False)
    return network.predict(images.astype(np.float32), verbose=0)


def test_pages_with_ink_are_recognized(predict: Predict, tmp_path: Path) -> None:
    said = predict("run", "pages", "--truth", "folder", "--show", tmp_path / "seen.png")
    assert said.code == 0
    right = sum(given == str(label) for label, given in enumerate(classes(said)))
    assert right >= 8  # of ten: the network was trained on 500 images
    assert f"({10 - right} of 10 wrong)" in said.error
    assert said.out.count("(wrong)") == 10 - right
    assert said.out.count("inverted, ink of") == 10
    with Image.open(tmp_path / "seen.png") as sheet:
        assert sheet.width > 1000
        assert np.asarray(sheet.convert("L")).min() < 20  # as bright as they are to the network


def test_the_table_and_what_stands_around_it_speak_portuguese(predict: Predict) -> None:
    english = predict("run", "pages", "--truth", "folder", "--top", 2)
    said = predict("run", "pages", "--truth", "folder", "--top", 2, "--language", "pt")
    header = said.out.splitlines()[0].split()
    assert header == ["entrada", "classe", "probabilidade", "depois", "verdadeira", "vista"]
    assert said.out.count("invertida, traço de") == 10
    assert said.out.count("(errada)") == english.out.count("(wrong)")
    assert [line.split()[0] for line in said.error.splitlines()] == ["de", "rede", "erro"]
    assert "de 10 erradas)" in said.error
    numbers = [line.split()[2] for line in said.out.splitlines()[1:]]
    assert numbers == [line.split()[2].replace(".", ",") for line in english.out.splitlines()[1:]]


def test_test_images_as_files_and_arrays_give_the_networks_own_answers(
    digit_runs: Path, predict: Predict, digits: Dataset, tmp_path: Path
) -> None:
    images, labels = digits.test.images[:20], digits.test.labels[:20]
    np.savez(tmp_path / "test.npz", x=images, y=labels)
    for number, image in enumerate(images):
        path = tmp_path / "files" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image[..., 0] if number % 2 else 255 - image[..., 0]).save(path)
    expected = stored(digit_runs, images)
    for given, truth in (("files", ()), ("test.npz", ("--truth", "y"))):
        answers = tmp_path / "answers.json"
        said = predict("run", tmp_path / given, *truth, "--output", answers)
        assert (said.code, said.out) == (0, "")
        content = json.loads(answers.read_text())
        assert content["classes"] == [str(digit) for digit in range(10)]
        assert content["failed"] == []
        probabilities = [each["probabilities"] for each in content["predictions"]]
        np.testing.assert_allclose(probabilities, expected, atol=1e-5)
        assert [each["label"] for each in content["predictions"]] == expected.argmax(1).tolist()
    wrong = int((expected.argmax(1) != labels).sum())
    assert f"({wrong} of 20 wrong)" in said.error


def test_csv_has_every_probability(predict: Predict) -> None:
    said = predict("run", "pages", "--format", "csv", "--truth", "folder")
    rows = list(csv.DictReader(said.out.splitlines()))
    assert len(rows) == 10
    for label, row in enumerate(rows):
        assert row["true"] == str(label)
        given = [float(row[f"p({digit})"]) for digit in range(10)]
        assert sum(given) == pytest.approx(1, abs=1e-4)
        assert row["class"] == str(int(np.argmax(given)))


def test_what_cannot_be_read_is_counted_and_the_rest_answered(
    predict: Predict, digit_runs: Path, tmp_path: Path
) -> None:
    shutil.copy(digit_runs / "pages/3/page.png", tmp_path / "3.png")
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "notes.txt").write_text("hello")
    said = predict("run", tmp_path, "--format", "json")
    assert said.code == 1
    assert len(json.loads(said.out)["predictions"]) == 1
    assert [Path(each["input"]).name for each in json.loads(said.out)["failed"]] == [
        "blank.png",
        "text.png",
    ]
    assert "not read  2 of 3:" in said.error
    assert f"{tmp_path / 'blank.png'}: blank" in said.error
    assert f"left out  1 by their names: {tmp_path / 'notes.txt'}" in said.error


def test_seeds_are_chosen_or_averaged(predict: Predict, digit_runs: Path) -> None:
    answers: list[Any] = []
    for arguments in (("--seed", 1), ("--seed", 2), ("--ensemble",)):
        said = predict("two", "pages/4/page.png", *arguments, "--format", "json")
        answers += json.loads(said.out)["predictions"]
        assert json.loads(said.out)["networks"][0].endswith("model.keras")
    first, second, both = (np.array(each["probabilities"]) for each in answers)
    assert np.abs(first - second).max() > 1e-3
    np.testing.assert_allclose(both, (first + second) / 2, atol=2e-6)
    said = predict("two/seed-2/model.keras", "pages/4/page.png", "--format", "json")
    (answer,) = json.loads(said.out)["predictions"]
    assert answer["probabilities"] == list(second)
    with chdir(digit_runs / "two/seed-2"):
        inside = call(main, "model.keras", digit_runs / "pages/4/page.png", "--format", "json")
    assert json.loads(inside.out)["predictions"][0]["probabilities"] == list(second)


def test_an_ensemble_of_an_unfinished_run_says_which_networks_are_missing(
    predict: Predict, digit_runs: Path, tmp_path: Path
) -> None:
    for seed in (3, 5):
        keep(small(), tmp_path / "run" / f"seed-{seed}")
    (tmp_path / "run/seed-4").mkdir()
    configure(tmp_path / "run")
    with (tmp_path / "run/configuration/config.yaml").open("a", encoding="utf-8") as file:
        file.write("seed: 3\nseeds: 4\n")
    said = predict(tmp_path / "run", "pages/4/page.png", "--ensemble")
    assert said.code == 0, said.error
    (line,) = (line for line in said.error.splitlines() if line.startswith("note"))
    assert "averages 2 of 4 networks" in line
    assert "seeds 4, 6 are missing" in line


def test_class_names_have_the_language_of_the_run(
    predict: Predict, digit_runs: Path, tmp_path: Path
) -> None:
    run = tmp_path / "clothes"
    keep(small(), run, "dataset=fashion", "language=pt")
    drawn = ("--format", "json")
    names = {
        tuple(json.loads(predict(run, "pages/1/page.png", *drawn, *more).out)["classes"])[:2]
        for more in ((), ("--language", "pt"))
    }
    assert names == {("Camiseta", "Calça")}
    assert "T-shirt" in predict(run, "pages/1/page.png", *drawn, "--language", "en").out
    said = predict(run, "pages/1/page.png", "--truth", "folder", "--top", 10)
    assert "Calça" in said.out.splitlines()[1]  # the folder's name 1 is a label
