"""`python -m runner.predict`: trained networks on the user's own pictures."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import h5py
import keras
import mlflow
import numpy as np
import pytest
from calling import Said, call
from hydra import compose, initialize_config_dir
from keras import layers
from omegaconf import OmegaConf
from PIL import Image

from runner.base import tasks
from runner.config.run_config import CONF
from runner.datasets.splits import Dataset
from runner.models.layers import image_input
from runner.predict.__main__ import main
from runner.predict.prediction_task import PredictionTask, label_of
from runner.tracking.mlflow_run import flatten

MNIST = ("--dataset", "mnist")


Predict = Callable[..., Said]
Refused = Callable[..., str]


def small(normalized: bool = True, seed: int = 1) -> keras.Model:
    keras.utils.set_random_seed(seed)
    pixels, x = image_input((28, 28, 1), "inverted" if normalized else "none")
    x = layers.Conv2D(8, 5, strides=2, activation="relu")(x)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    return keras.Model(pixels, layers.Dense(10, activation="softmax")(x))


def keep(network: keras.Model, folder: Path, *overrides: str) -> None:
    """Leave in a folder what a run leaves: its network and, except of a seed, its configuration."""
    folder.mkdir(parents=True)
    network.save(folder / "model.keras")
    if not folder.name.startswith("seed-"):
        configure(folder, *overrides)


def configure(folder: Path, *overrides: str) -> None:
    with initialize_config_dir(str(CONF), version_base="1.3"):
        composed = compose("config", [*overrides])
    node = {"language": composed.language, "dataset": composed.dataset}
    resolved = OmegaConf.to_container(OmegaConf.create(node), resolve=True)
    (folder / "configuration").mkdir()
    OmegaConf.save(OmegaConf.create(resolved), folder / "configuration/config.yaml")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> Path:
    """A run of MNIST in `run`, one of two seeds in `two`, and pages of ten digits in `pages`."""
    folder = tmp_path_factory.mktemp("predicted")
    for seed in (1, 2):
        network = small(seed=seed)
        network.compile("adam", "sparse_categorical_crossentropy")
        network.fit(digits.train.images, digits.train.labels, 25, 12, verbose=0)
        keep(network, folder / "two" / f"seed-{seed}")
        if seed == 1:
            keep(network, folder / "run")
    configure(folder / "two")
    for label in range(10):
        right = digits.test.images[digits.test.labels == label][1, ..., 0]
        drawn = Image.fromarray(255 - right).resize((140, 140), Image.Resampling.BICUBIC)
        page = Image.new("L", (400, 300), 255)
        page.paste(drawn, (20 * label, 15 * label))
        (folder / "pages" / str(label)).mkdir(parents=True)
        page.save(folder / "pages" / str(label) / "page.png")
    return folder


@pytest.fixture
def predict(workspace: Path) -> Predict:
    """Run the command in the workspace."""

    def run(*arguments: Any) -> Said:
        with chdir(workspace):
            return call(main, *arguments)

    return run


@pytest.fixture
def refused(predict: Predict) -> Refused:
    """Run the command, which must fail with one line, and return it."""

    def run(*arguments: Any) -> str:
        said = predict(*arguments)
        assert said.out == ""
        return said.refusal

    return run


def classes(said: Said) -> list[str]:
    return [line.split()[1] for line in said.out.splitlines()[1:]]


def stored(workspace: Path, images: Any) -> Any:
    network = keras.models.load_model(workspace / "run/model.keras", compile=False)
    return network.predict(images.astype(np.float32), verbose=0)


# --- answers ---------------------------------------------------------------------------------


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
    workspace: Path, predict: Predict, digits: Dataset, tmp_path: Path
) -> None:
    images, labels = digits.test.images[:20], digits.test.labels[:20]
    np.savez(tmp_path / "test.npz", x=images, y=labels)
    for number, image in enumerate(images):
        path = tmp_path / "files" / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image[..., 0] if number % 2 else 255 - image[..., 0]).save(path)
    expected = stored(workspace, images)
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
    predict: Predict, workspace: Path, tmp_path: Path
) -> None:
    shutil.copy(workspace / "pages/3/page.png", tmp_path / "3.png")
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


def test_seeds_are_chosen_or_averaged(predict: Predict, workspace: Path) -> None:
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
    with chdir(workspace / "two/seed-2"):
        inside = call(main, "model.keras", workspace / "pages/4/page.png", "--format", "json")
    assert json.loads(inside.out)["predictions"][0]["probabilities"] == list(second)


def test_an_ensemble_of_an_unfinished_run_says_which_networks_are_missing(
    predict: Predict, workspace: Path, tmp_path: Path
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
    predict: Predict, workspace: Path, tmp_path: Path
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


def test_true_classes_may_differ_by_capitals_alone() -> None:
    names = ["A", "B", "a", "b"]
    task = PredictionTask(tasks.Classification(names), [names], None)
    assert [task.label(name) for name in names] == [0, 1, 2, 3]


def test_tables_take_numbers_and_csv(predict: Predict, refused: Refused, tmp_path: Path) -> None:
    run = tmp_path / "age"
    shape = layers.Input((1,))
    keep(keras.Model(shape, layers.Dense(3)(shape)), run, "dataset=weight-age")
    (tmp_path / "a.csv").write_text("weight,age\n4,baby\n80,adult\n")
    said = predict(run, "--values", "4", "--values", "80")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == ["4", "80"]
    assert classes(said) == classes(predict(run, tmp_path / "a.csv", "--truth", "age"))
    assert "no column size" in refused(run, tmp_path / "a.csv", "--truth", "size")
    assert "is for pictures" in refused(run, tmp_path / "a.csv", "--truth", "folder")
    assert "expected finite numbers" in refused(run, "--values", "nan", "4")
    (tmp_path / "empty.csv").touch()
    assert "empty.csv: holds no rows" in refused(run, tmp_path / "empty.csv")
    assert "are for images" in refused(run, "--values", "4", "--show", "a.png")
    assert "are images; give files" in refused("run", "--values", "4")


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


# --- networks from elsewhere -----------------------------------------------------------------


def test_a_mere_file_needs_its_scale_and_data_set(
    predict: Predict, refused: Refused, workspace: Path, tmp_path: Path
) -> None:
    trained = keras.models.load_model(workspace / "run/model.keras", compile=False)
    bare = small(normalized=False)
    bare.set_weights(trained.get_weights())
    bare.save(tmp_path / "old.h5")
    page = "pages/2/page.png"
    assert "say what it recognizes" in refused(tmp_path / "old.h5", page)
    assert "no normalization layer" in refused(tmp_path / "old.h5", page, *MNIST)
    old = predict(tmp_path / "old.h5", page, *MNIST, "--scale", "inverted")
    assert old.out == predict("run", page).out
    named = ("--classes", "a,b,c,d,e,f,g,h,i,j", "--scale", "inverted", "--fit", "mnist")
    said = predict(tmp_path / "old.h5", page, *named, "--polarity", "as-is")
    assert classes(said)[0] in "abcdefghij"
    assert "there are 2 classes" in refused(
        tmp_path / "old.h5", page, "--classes", "a,b", "--scale", "none"
    )
    assert "--scale unit: networks of runs" in refused("run", page, "--scale", "unit")
    values = ("--classes", "a,b,c,d,e,f,g,h,i,j", "--scale", "none", "--values", *["1"] * 28)
    assert "--values: the network takes images of 28x28x1; give files" in refused(
        tmp_path / "old.h5", *values
    )


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_code_and_rubbish_are_refused(suffix: str, refused: Refused, tmp_path: Path) -> None:
    code, rubbish = tmp_path / f"code.{suffix}", tmp_path / f"rubbish.{suffix}"
    flat = [layers.Input((28, 28, 1)), layers.Lambda(lambda x: x / 255), layers.Flatten()]
    keras.Sequential([*flat, layers.Dense(10)]).save(code)
    page = "pages/2/page.png"
    assert "Lambda layer), which is not run" in refused(code, page, *MNIST)
    rubbish.write_text("nothing")
    assert "damaged, or no network" in refused(rubbish, page, *MNIST)
    if suffix == "h5":
        weights = tmp_path / "only.weights.h5"
        small().save_weights(weights)
        assert "weights.h5: it holds weights only; expected" in refused(weights, page, *MNIST)
        with h5py.File(tmp_path / "data.h5", "w") as file:
            file["x"] = np.zeros(3)
        said = refused(tmp_path / "data.h5", page, *MNIST)
        assert "data.h5: there is no network in it; expected a whole network" in said


@keras.saving.register_keras_serializable("tests")
class Own(layers.Layer):  # type: ignore[misc]
    """A layer that is not Keras' own."""

    def call(self, x: Any) -> Any:
        return x


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_layers_and_functions_of_somebodys_own_are_refused_in_short(
    suffix: str, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = [layers.Input((28, 28, 1)), layers.Flatten()]
    files = {"Own": Own(), "function": layers.Dense(9, activation=lambda x: x)}
    for name, layer in files.items():
        keras.Sequential([*flat, layer, layers.Dense(10)]).save(tmp_path / f"{name}.{suffix}")
    monkeypatch.delitem(keras.saving.get_custom_objects(), "tests>Own")
    for name in files:
        path = tmp_path / f"{name}.{suffix}"
        said = refused(path, "pages/2/page.png", *MNIST)
        assert "it needs code of its own, which is not run (" in said
        assert name in said.partition("(")[2]
        assert len(said) < 200 + len(str(path))


def test_other_shapes_are_refused_with_both(refused: Refused, tmp_path: Path) -> None:
    np.savez(tmp_path / "rgb.npz", np.zeros((3, 32, 32, 3), np.uint8))
    said = refused("run", tmp_path / "rgb.npz")
    assert "3x32x32x3" in said
    assert "28x28x1" in said
    shape = layers.Input((32, 32, 3))
    keras.Model(shape, layers.Dense(10)(layers.Flatten()(shape))).save(tmp_path / "rgb.keras")
    said = refused(tmp_path / "rgb.keras", "pages", *MNIST, "--scale", "unit")
    assert "takes 32x32x3, but the images are 28x28x1" in said


@pytest.fixture(scope="module")
def registry(workspace: Path) -> Iterator[str]:
    """Register the network of `run` as models:/digits/1, champion, and something else as /2."""
    before = mlflow.get_tracking_uri()
    uri = f"sqlite:///{workspace / 'registry.db'}"
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    place = (workspace / "artifacts").as_uri()
    run = client.create_run(client.create_experiment("digits", place), tags={"level": "job"})
    node: Any = OmegaConf.to_container(OmegaConf.load(workspace / "run/configuration/config.yaml"))
    params = [mlflow.entities.Param(k, str(v)) for k, v in flatten(node).items()]
    client.log_batch(run.info.run_id, params=params)
    client.log_artifact(run.info.run_id, str(workspace / "run/model.keras"), "model/data")
    (workspace / "model.pkl").write_bytes(b"no pickle is ever opened")
    client.log_artifact(run.info.run_id, str(workspace / "model.pkl"), "other/data")
    client.set_terminated(run.info.run_id)
    client.create_registered_model("digits")
    for name in ("model", "other"):
        source = f"{run.info.artifact_uri}/{name}"
        client.create_model_version("digits", source, run.info.run_id)
    client.set_registered_model_alias("digits", "champion", "1")
    yield uri
    mlflow.set_tracking_uri(before)


def test_registered_models_are_found_by_alias_and_version(
    registry: str, predict: Predict, refused: Refused, workspace: Path
) -> None:
    store, page = ("--uri", registry), "pages/5/page.png"
    expected = predict("run", page).out
    for name in ("models:/digits@champion", "models:/digits/1"):
        said = predict(name, page, *store)
        assert said.out == expected, said.error
    assert "expected a model with one .keras or .h5 file" in refused(
        "models:/digits/2", page, *store
    )
    assert "versions 1, 2" in refused("models:/digits/3", page, *store)
    assert "aliases champion" in refused("models:/digits@best", page, *store)
    assert "did you mean digits?" in refused("models:/digit/1", page, *store)
    assert "expected models:/NAME@ALIAS" in refused("models:/digits", page, *store)
    assert "is one network" in refused("models:/digits/1", page, *store, "--seed", 3)
    assert "no run of this name or id" in refused("deadbeef", page, *store)


# --- the command line ------------------------------------------------------------------------


def test_mistakes_are_said_in_one_line(refused: Refused, tmp_path: Path) -> None:
    page = "pages/5/page.png"
    assert "expected files or folders" in refused("run")
    assert "expected files or folders" in refused("run", page, "--values", "3")
    assert "invalid choice: 'xml'" in refused("run", page, "--format", "xml")
    assert "no such folder" in refused("run", page, "--output", tmp_path / "no/a.csv")
    assert "number from 1" in refused("run", page, "--top", "0")
    assert "there is no such file" in refused("run", "nothing.png")
    assert "no such file or folder" in refused("nothing.keras", page)
    assert "is one network" in refused("run", page, "--ensemble")
    assert "seeds 1, 2" in refused("two", page, "--seed", "7")
    Image.new("L", (9, 9)).save(tmp_path / "a.png")
    assert "is no class" in refused("run", tmp_path, "--truth", "folder")
    assert "--truth digit: is for npz and CSV files" in refused("run", page, "--truth", "digit")
    np.savez(tmp_path / "a.npz", np.zeros((1, 28, 28)))
    said = refused("run", tmp_path / "a.npz", "--truth", "folder")
    assert "--truth folder: is for pictures; of" in said
    assert "give the name of an array" in said
    assert "give that or --classes" in refused("run", page, *MNIST, "--classes", "a")
    assert "for mere files" in refused("run", page, "--classes", "a")


def test_the_command_line_answers_without_tensorflow(workspace: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from runner.predict.__main__ import main\n"
        "try: sys.exit(main())\n"
        "finally: print({'tensorflow', 'keras', 'mlflow'} & set(sys.modules))"
    )
    for arguments in (["--help"], ["run", "nothing.png"], ["run", "pages", "--truth", "folder",
                                                            "--values", "1"]):  # fmt: skip
        said = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=workspace,
            env=os.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.stdout.endswith("set()\n")
        assert said.returncode == (0 if arguments == ["--help"] else 1)
        assert said.stderr.count("\n") <= 1


def test_a_class_is_meant_by_its_name_then_by_its_number() -> None:
    letters = [["A", "B", "a", "b"]]
    assert [label_of(word, letters) for word in ("A", "b", "a", "3")] == [0, 3, 2, 3]
    clothes = [["T-shirt", "Bag"], ["Camiseta", "bolsa"]]
    assert [label_of(word, clothes) for word in ("bag", "Bolsa", "t-SHIRT", "1")] == [1, 1, 0, 1]
    assert label_of("6", [["5", "6"]]) == 1
    for word in ("AB", "C", "4", ""):
        assert label_of(word, [["Ab", "aB", "a", "b"]]) is None
