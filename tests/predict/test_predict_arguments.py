"""What `python -m runner.predict` takes: values, tables, true classes; and what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
from calling import call
from keras import layers
from PIL import Image

from predict.predicted_runs import MNIST, Predict, Refused, classes, keep, small
from runner.base import tasks
from runner.predict import inspection
from runner.predict.prediction_task import PredictionTask, label_of


def test_tables_take_numbers_and_csv(
    predict: Predict, predict_refused: Refused, tmp_path: Path
) -> None:
    run = tmp_path / "age"
    shape = layers.Input((1,))
    keep(keras.Model(shape, layers.Dense(3)(shape)), run, "dataset=weight-age")
    (tmp_path / "a.csv").write_text("weight,age\n4,baby\n80,adult\n")
    said = predict(run, "--values", "4", "--values", "80")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == ["4", "80"]
    assert classes(said) == classes(predict(run, tmp_path / "a.csv", "--truth", "age"))
    assert "no column size" in predict_refused(run, tmp_path / "a.csv", "--truth", "size")
    assert "is for pictures" in predict_refused(run, tmp_path / "a.csv", "--truth", "folder")
    assert "expected finite numbers" in predict_refused(run, "--values", "nan", "4")
    (tmp_path / "empty.csv").touch()
    assert "empty.csv: holds no rows" in predict_refused(run, tmp_path / "empty.csv")
    assert "are for images" in predict_refused(run, "--values", "4", "--show", "a.png")
    assert "are images; give files" in predict_refused("run", "--values", "4")


def test_numbers_are_told_by_networks_of_regression(predict: Predict, tmp_path: Path) -> None:
    run = tmp_path / "swap"
    shape = layers.Input((2,))
    network = keras.Model(shape, layers.Dense(2, use_bias=False)(shape))
    network.set_weights([np.array([[0, 1], [1, 0]], np.float32)])
    keep(network, run, "dataset=regression")
    said = predict(run, "--values", ".5", "-3")
    assert said.out.splitlines() == ["input    first  second", "0.5, -3  -3     0.5"]
    content = json.loads(predict(run, "--values", ".5", "-3", "--format", "json").out)
    assert content["predictions"] == [{"input": "0.5, -3", "outputs": [-3, 0.5]}]
    said = predict(run, "--values", ".5", "-3", "--format", "csv")
    assert said.out == 'input,first,second\n"0.5, -3",-3.0,0.5\n'


def test_true_classes_may_differ_by_capitals_alone() -> None:
    names = ["A", "B", "a", "b"]
    task = PredictionTask(tasks.Classification(names), [names], None)
    assert [task.label(name) for name in names] == [0, 1, 2, 3]


def test_a_class_is_meant_by_its_name_then_by_its_number() -> None:
    letters = [["A", "B", "a", "b"]]
    assert [label_of(word, letters) for word in ("A", "b", "a", "3")] == [0, 3, 2, 3]
    clothes = [["T-shirt", "Bag"], ["Camiseta", "bolsa"]]
    assert [label_of(word, clothes) for word in ("bag", "Bolsa", "t-SHIRT", "1")] == [1, 1, 0, 1]
    assert label_of("6", [["5", "6"]]) == 1
    for word in ("AB", "C", "4", ""):
        assert label_of(word, [["Ab", "aB", "a", "b"]]) is None


def test_mistakes_are_said_in_one_line(predict_refused: Refused, tmp_path: Path) -> None:
    page = "pages/5/page.png"
    assert "expected files or folders" in predict_refused("run")
    assert "expected files or folders" in predict_refused("run", page, "--values", "3")
    assert "invalid choice: 'xml'" in predict_refused("run", page, "--format", "xml")
    assert "no such folder" in predict_refused("run", page, "--output", tmp_path / "no/a.csv")
    assert "number from 1" in predict_refused("run", page, "--top", "0")
    assert "there is no such file" in predict_refused("run", "nothing.png")
    assert "no such file or folder" in predict_refused("nothing.keras", page)
    assert "is one network" in predict_refused("run", page, "--ensemble")
    assert "seeds 1, 2" in predict_refused("two", page, "--seed", "7")
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    assert "is no class" in predict_refused("run", tmp_path, "--truth", "folder")
    assert "--truth digit: is for npz and CSV files" in predict_refused(
        "run", page, "--truth", "digit"
    )
    np.savez(tmp_path / "a.npz", np.zeros((1, 28, 28)))
    said = predict_refused("run", tmp_path / "a.npz", "--truth", "folder")
    assert "--truth folder: is for pictures; of" in said
    assert "give the name of an array" in said
    assert "give that or --classes" in predict_refused("run", page, *MNIST, "--classes", "a")
    assert "for mere files" in predict_refused("run", page, "--classes", "a")


def test_errors_begin_in_the_language_of_the_run_unless_another_is_asked_for(
    predict: Predict, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    keep(small(), run, "language=pt")
    said = predict(run, "nothing.png")
    assert (said.code, said.out) == (1, "")
    assert said.error == "erro: nothing.png: não existe tal arquivo ou pasta\n"
    assert predict(run, "nothing.png", "--language", "en").error.startswith("error: nothing.png")
    said = call(inspection.main, run, "--save", run / "model.keras")
    assert said.error.startswith("erro: --save ")


def test_other_shapes_are_refused_with_both(predict_refused: Refused, tmp_path: Path) -> None:
    np.savez(tmp_path / "rgb.npz", np.zeros((3, 32, 32, 3), np.uint8))
    said = predict_refused("run", tmp_path / "rgb.npz")
    assert "3x32x32x3" in said
    assert "28x28x1" in said
    shape = layers.Input((32, 32, 3))
    keras.Model(shape, layers.Dense(10)(layers.Flatten()(shape))).save(tmp_path / "rgb.keras")
    said = predict_refused(tmp_path / "rgb.keras", "pages", *MNIST, "--scale", "unit")
    assert "takes 32x32x3, but the images are 28x28x1" in said


def test_the_command_line_answers_without_tensorflow(digit_runs: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from runner.predict.__main__ import main\n"
        "try: sys.exit(main())\n"
        "finally: print({'tensorflow', 'keras', 'mlflow'} & set(sys.modules))"
    )
    for arguments in (["--help"], ["run", "nothing.png"], ["run", "pages", "--truth", "folder",
                                                            "--values", "1"]):  # fmt: skip
        said = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=digit_runs,
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.stdout.endswith("set()\n")
        assert said.returncode == (0 if arguments == ["--help"] else 1)
        assert said.stderr.count("\n") <= 1
