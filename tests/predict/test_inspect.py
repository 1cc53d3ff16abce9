"""Figures of trained networks, drawn later: `python -m runner.inspect`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import h5py
import keras
import mlflow
import numpy as np
import pytest
from calling import Said, call
from keras import layers
from PIL import Image, ImageSequence

from runner import __main__ as program
from runner.config.run_config import CONF
from runner.predict import __main__ as predict_command
from runner.predict.inspection import main

MNIST = ("--dataset", "mnist")
SMALL = (
    *("device=cpu", "dataset.train_size=600", "training.epochs=2", "training.batch_size=50"),
    *("model=lenet", "model.filters=[4,6]", "model.hidden_units=[16]"),
)


Inspect = Callable[..., Said]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of MNIST: `one` with kernels and augmentation, `two` with two seeds, in a sweep."""
    folder = tmp_path_factory.mktemp("inspected")
    wanted = "figures=[filter-animation,augmentation]"
    untested = ("evaluation.test=false", "dataset.validation_fraction=0.1")
    two = ("seeds=[3,5]", "figures=[]", "tracking.run_name=two", "tracking.log_model=false")
    with chdir(folder):
        one = ("augmentation=affine", "tracking.run_name=one")
        ran = call(program.main, *SMALL, wanted, *one)
        if "not on this machine" in ran.error:
            pytest.skip(f"MNIST is needed: {ran.error}")
        assert ran.code == 0, ran.error
        swept = call(program.main, "-m", *SMALL, *two, *untested)
        assert swept.code == 0, swept.error
    return folder


@pytest.fixture
def inspect(workspace: Path) -> Inspect:
    """Run the command in the workspace."""

    def run(*arguments: Any) -> Said:
        with chdir(workspace):
            return call(main, *arguments)

    return run


@pytest.fixture
def refused(inspect: Inspect) -> Callable[..., str]:
    """Run the command, which must fail with one line, and return it."""
    return lambda *arguments: inspect(*arguments).refusal


def runs(workspace: Path) -> dict[str, Any]:
    """Return the MLflow runs of the workspace by name."""
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return {run.info.run_name: run for run in client.search_runs(experiments)}


def folder_of(workspace: Path, name: str) -> Path:
    return Path(runs(workspace)[name].data.tags["folder"])


def artifacts(workspace: Path, name: str) -> set[str]:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    run_id = runs(workspace)[name].info.run_id
    return {Path(file.path).name for file in client.list_artifacts(run_id, "figures")}


def scaled(outputs: int = 10, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:
    """A network that expects pixels which somebody else has scaled."""
    flat = [layers.Input(shape), layers.Flatten(), layers.Dense(outputs, activation="softmax")]
    return keras.Sequential(flat)


# --- a network for other programs ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["model.h5", "new/model.keras"])
def test_a_network_is_saved_for_other_programs(
    workspace: Path, inspect: Inspect, tmp_path: Path, name: str
) -> None:
    said = inspect("one", "--save", tmp_path / name)
    assert said.code == 0, said.error
    assert said.drawn == []
    saved = keras.models.load_model(tmp_path / name)
    own = keras.models.load_model(folder_of(workspace, "one") / "model.keras")
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1)).astype(np.float32)
    np.testing.assert_array_equal(saved.predict(images), own.predict(images))


def test_another_kind_of_file_is_refused(refused: Callable[..., str]) -> None:
    assert "ends in .h5 or .keras, got m.pt" in refused("one", "--save", "m.pt")


# --- finding a network -----------------------------------------------------------------------


def test_a_run_is_found_by_name_id_folder_and_file(workspace: Path, inspect: Inspect) -> None:
    run_id, folder = runs(workspace)["one"].info.run_id, folder_of(workspace, "one")
    for word in ("one", run_id, run_id[:12], folder, folder / "model.keras"):
        said = inspect(word, "first-filters")
        assert said.code == 0, said.error
        assert said.drawn == [folder / "figures/first-filters.png"]
        assert run_id in said.out
    assert "first-filters.png" in artifacts(workspace, "one")


def test_no_figure_of_the_run_is_replaced(
    workspace: Path, inspect: Inspect, tmp_path: Path
) -> None:
    folder = folder_of(workspace, "one")
    first = inspect("one", "class-activation").drawn
    assert first == [folder / "figures/class-activation.png"]
    own = first[0].read_bytes()
    Image.new("L", (28, 28), 200).save(tmp_path / "own.png")
    chosen = ("one", "class-activation", "--files", tmp_path / "own.png")
    for _ in range(2):  # the same figure again is the same file
        assert inspect(*chosen).drawn == [folder / "figures-2/class-activation.png"]
    assert first[0].read_bytes() == own
    assert inspect("one", "class-activation").drawn == first
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    stored = client.list_artifacts(runs(workspace)["one"].info.run_id, "figures-2")
    assert [file.path for file in stored] == ["figures-2/class-activation.png"]


def test_latest_is_the_newest_run_and_its_first_seed(workspace: Path, inspect: Inspect) -> None:
    said = inspect("latest", "architecture")
    assert said.drawn == [folder_of(workspace, "two") / "seed-3/figures/architecture.png"]
    assert "architecture.png" in artifacts(workspace, "two-seed-3")


def test_a_seed_is_chosen(workspace: Path, inspect: Inspect) -> None:
    folder = folder_of(workspace, "two")
    for arguments in (("two", "--seed", 5), ("two-seed-5",), (folder / "seed-5",)):
        assert inspect(*arguments, "roc", "first-filters").drawn == [
            folder / "seed-5/figures/first-filters.png"
        ]


def test_without_its_folder_a_run_is_fetched_from_mlflow(
    workspace: Path, inspect: Inspect, refused: Callable[..., str]
) -> None:
    folder = folder_of(workspace, "one")
    away = folder.rename(folder.with_name("away"))
    lost = folder_of(workspace, "two").rename(folder.with_name("lost"))
    try:
        said = inspect("one")
        names = {path.name for path in said.drawn}
        assert "the store holds no network" in refused("two")
    finally:
        away.rename(folder)
        lost.rename(folder_of(workspace, "two"))
    assert names == {"filter-animation.gif", "augmentation.png"}


def test_what_cannot_be_found_is_said(workspace: Path, refused: Callable[..., str]) -> None:
    assert "did you mean latest" in refused("lates")
    assert "did you mean two-seed-3" in refused("two-sed-3")
    assert "no such file" in refused("nothing.keras")
    assert "no model.keras" in refused("outputs")
    assert "has the seeds 3, 5" in refused("two", "--seed", 4)
    assert "one seed only" in refused("one", "--seed", 4)
    assert "RUN" in refused()


def test_an_ambiguous_id_is_refused(workspace: Path, refused: Callable[..., str]) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiment = runs(workspace)["one"].info.experiment_id
    while True:  # ids are random: until two begin with the same digit
        client.create_run(experiment)
        ids = [run.info.run_id for run in client.search_runs([experiment])]
        firsts = [run_id[0] for run_id in ids]
        twice = [digit for digit in firsts if firsts.count(digit) > 1]
        if twice:
            break
    assert "runs begin so" in refused(twice[0])


def test_an_unfinished_run_is_refused(workspace: Path, refused: Callable[..., str]) -> None:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiment = runs(workspace)["one"].info.experiment_id
    broken = client.create_run(experiment, tags={"level": "job"}, run_name="broken")
    client.set_terminated(broken.info.run_id, "FAILED")
    assert "this job is FAILED" in refused("broken")


def test_without_a_store_it_says_where_to_look(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "runner.inspect", "latest"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "outputs/mlflow.db" in said.stderr
    assert list(tmp_path.iterdir()) == []


# --- choosing figures ------------------------------------------------------------------------


def test_without_names_the_configured_figures_are_drawn(
    workspace: Path, inspect: Inspect, tmp_path: Path
) -> None:
    said = inspect("one", "--output", tmp_path)
    assert {path.name for path in said.drawn} == {"filter-animation.gif", "augmentation.png"}
    assert {path.name for path in tmp_path.iterdir()} == {
        "filter-animation.gif",
        "augmentation.png",
    }


def test_a_run_without_figures_gets_the_usual_ones(inspect: Inspect, tmp_path: Path) -> None:
    said = inspect("two", "--output", tmp_path)
    assert "left the test images untouched" in said.out
    names = {path.stem for path in said.drawn}
    assert names == {"learning-curves", "confusion-matrix", "misclassified", "first-test-images"}


def test_options_are_those_of_the_configuration(inspect: Inspect, tmp_path: Path) -> None:
    options = ("feature-maps.layers=[convolution_1,pooling_2]", "misclassified.limit=3")
    said = inspect("one", *options, "--output", tmp_path)
    names = {path.name for path in said.drawn}
    assert names == {"feature-maps-1.png", "feature-maps-2.png", "misclassified.png"}
    few = (tmp_path / "misclassified.png").stat().st_size
    inspect("one", "misclassified", "--output", tmp_path)
    assert (tmp_path / "misclassified.png").stat().st_size > 3 * few


def test_wrong_figures_and_options_are_refused(refused: Callable[..., str]) -> None:
    assert "did you mean confusion-matrix" in refused("one", "conf-matrix")
    assert "did you mean figures.feature-maps.layers" in refused("one", "feature-maps.layrs=[1]")
    assert "greater than or equal to 1" in refused("one", "feature-maps.limit=0")
    wrong = refused("one", "feature-maps.layers=[convolution_9]")
    assert "did you mean convolution_2 or convolution_1" in wrong


def test_a_figure_that_does_not_apply_is_said(inspect: Inspect) -> None:
    said = inspect("two", "filter-evolution")
    assert said.code == 1
    assert "not drawn filter-evolution: recorded in a training whose figures= names it" in said.out


def test_why_a_figure_is_not_drawn_is_said(inspect: Inspect) -> None:
    said = inspect("one", "predicted-against-true", "wrong-in-seeds", "label-confusion")
    assert said.code == 1
    assert "not drawn predicted-against-true: made for numbers" in said.out
    assert "not drawn wrong-in-seeds: made for several seeds" in said.out
    assert "not drawn label-confusion: made for numbers or several labels" in said.out
    said = inspect("one", "decision-regions", "--language", "pt")
    assert "ausente   decision-regions: feitas para duas características" in said.out


def test_figures_show_what_the_run_reported(
    workspace: Path, inspect: Inspect, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runner.figures import confusion_matrix

    seen: list[Any] = []
    draw = confusion_matrix.draw_confusion_matrix

    def watched(counts: Any, names: list[str], subtitle: str, language: Any) -> Any:
        seen.append((counts, subtitle, language))
        return draw(counts, names, subtitle, language)

    monkeypatch.setattr(confusion_matrix, "draw_confusion_matrix", watched)
    inspect("one", "confusion-matrix", "--language", "pt")
    ((counts, subtitle, language),) = seen
    report = json.loads((folder_of(workspace, "one") / "report.json").read_text())
    assert counts.sum() - counts.trace() == report["test_errors"]
    assert language == "pt"
    wrong = subtitle.partition(" de ")[0].replace("\N{NARROW NO-BREAK SPACE}", "")
    assert wrong == str(report["test_errors"])


def test_the_animation_of_a_run_plays(workspace: Path) -> None:
    folder = folder_of(workspace, "one")
    with Image.open(folder / "figures/filter-animation.gif") as gif:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(gif)]
        assert gif.info["loop"] == 0
    assert len(frames) == 3
    assert (frames[0] != frames[-1]).mean() > 0.001
    with np.load(folder / "kernels.npz", allow_pickle=False) as kept:
        kernels = kept["kernels"]
    assert kernels.shape == (3, 5, 5, 1, 4)
    network = keras.models.load_model(folder / "model.keras", compile=False)
    np.testing.assert_array_equal(kernels[-1], network.get_layer("convolution_1").get_weights()[0])
    assert not (folder_of(workspace, "two") / "seed-3/kernels.npz").exists()


# --- choosing images -------------------------------------------------------------------------


def test_test_images_are_chosen_by_index_or_class(inspect: Inspect) -> None:
    labels = {"2 (#1)", "7 (#17)"}
    said = inspect("one", "--images", "1,17")
    assert {line.partition(":")[0] for line in said.out.splitlines()} >= labels
    names = {path.stem for path in said.drawn}
    assert names == {"class-activation", "feature-maps-1", "feature-maps-2"}
    for arguments in (("--digits", "1,1,3,3"), ("--classes", "1,3", "--each", "2")):
        said = inspect("one", "class-activation", *arguments)
        shown = [line.partition(":")[0] for line in said.out.splitlines() if "(#" in line]
        assert shown == ["1 (#2)", "1 (#5)", "3 (#18)", "3 (#30)"]


def test_the_users_own_pictures_are_read(inspect: Inspect, tmp_path: Path) -> None:
    paper = np.full((90, 120, 3), 250, np.uint8)
    paper[20:70, 58:64] = 0
    Image.fromarray(paper).save(tmp_path / "stroke.png")
    Image.fromarray(paper).save(tmp_path / "stroke.jpg")
    said = inspect(
        "one", "feature-maps", "--files", tmp_path / "stroke.png", tmp_path / "stroke.jpg"
    )
    assert said.code == 0
    shown = [line.partition(":")[0] for line in said.out.splitlines() if line[:6] == "stroke"]
    assert shown == ["stroke.png", "stroke.jpg"]
    assert len(said.drawn) == 2


def test_pictures_in_a_folder_are_read_too(inspect: Inspect, tmp_path: Path) -> None:
    paper = np.full((90, 120, 3), 250, np.uint8)
    paper[20:70, 58:64] = 0
    for name in ("b.png", "a.jpg"):
        Image.fromarray(paper).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    np.save(tmp_path / "no-picture.npy", np.zeros(3))
    said = inspect("one", "feature-maps", "--files", tmp_path)
    assert said.code == 0
    shown = [line.partition(":")[0] for line in said.out.splitlines() if line[1:2] == "."]
    assert shown == ["a.jpg", "b.png"]


def test_wrong_images_are_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    assert "from 0 to 9999" in refused("one", "--images", "3,10000")
    assert "list of numbers" in refused("one", "--images", "3,x")
    assert "there is no class '12'" in refused("one", "--classes", "12")
    assert "no picture, or of a kind" in refused("one", "--files", tmp_path / "text.png")
    assert "not allowed with" in refused("one", "--images", "3", "--classes", "1")


# --- mere files ------------------------------------------------------------------------------


def test_a_keras_file_needs_only_its_data_set(
    workspace: Path, inspect: Inspect, refused: Callable[..., str], tmp_path: Path
) -> None:
    network = tmp_path / "mine.keras"
    shutil.copy(folder_of(workspace, "one") / "model.keras", network)
    assert "--dataset mnist" in refused(network)
    assert "normalization layer of its own" in refused(network, *MNIST, "--scale", "unit")
    assert "there are 2 classes" in refused(network, "--dataset", "5-vs-6")
    said = inspect(network, "first-filters", "confusion-matrix", *MNIST)
    assert {str(path) for path in said.drawn} == {
        "outputs/inspected/mine/first-filters.png",
        "outputs/inspected/mine/confusion-matrix.png",
    }
    assert "logged" not in said.out


def test_a_network_without_normalization_needs_a_scale(
    inspect: Inspect, refused: Callable[..., str], tmp_path: Path
) -> None:
    scaled().save(tmp_path / "bare.keras")
    assert "--scale unit" in refused(tmp_path / "bare.keras", *MNIST)
    said = inspect(tmp_path / "bare.keras", "architecture", *MNIST, "--scale", "unit")
    assert said.code == 0


def test_filters_of_a_mere_file_need_neither_scale_nor_dataset(
    inspect: Inspect, refused: Callable[..., str], tmp_path: Path
) -> None:
    pixels = keras.Input((28, 28))
    x = keras.layers.Reshape((28, 28, 1))(pixels)
    x = keras.layers.Conv2D(8, 5)(keras.layers.Conv2D(4, 5)(x))
    x = keras.layers.GlobalAveragePooling2D()(x)
    keras.Model(pixels, keras.layers.Dense(10)(x)).save(tmp_path / "bare.keras")
    said = inspect(tmp_path / "bare.keras", "first-filters", "deep-filters")
    assert said.code == 0
    assert [path.stem for path in said.drawn] == ["first-filters", "deep-filters"]
    assert "--dataset" in refused(tmp_path / "bare.keras", "first-filters", "feature-maps")


def test_a_mere_file_is_saved_anew_without_a_word_of_its_data(
    inspect: Inspect, tmp_path: Path
) -> None:
    image = layers.Input((28, 28, 1))
    convolved = layers.Flatten()(layers.Conv2D(4, 5)(image))
    keras.Model(image, layers.Dense(10)(convolved)).save(tmp_path / "bare.keras")
    for number, figures in enumerate([(), ("first-filters",)]):
        saved = tmp_path / f"saved-{number}.h5"
        said = inspect(tmp_path / "bare.keras", *figures, "--save", saved)
        assert said.code == 0
        assert saved.is_file()
        assert f"network   {tmp_path / 'bare.keras'}" in said.out
        assert f"saved     {saved}" in said.out


def test_a_file_of_keras_2_is_read(
    workspace: Path, inspect: Inspect, refused: Callable[..., str], tmp_path: Path
) -> None:
    network = keras.models.load_model(folder_of(workspace, "one") / "model.keras", compile=False)
    old = tmp_path / "old.h5"
    write_keras_2(old, network)
    assert "--scale" in refused(old, *MNIST)
    said = inspect(old, "first-filters", "deep-filters", "class-activation", "--images", "0,1,2",
                   *MNIST, "--scale", "inverted")  # fmt: skip
    same = inspect("one", "--images", "0,1,2")
    assert said.code == 0
    assert len(said.drawn) == 3
    verdicts = [line for line in said.out.splitlines() if "(#" in line]
    assert verdicts == [line for line in same.out.splitlines() if "(#" in line]
    assert len(verdicts) == 3


def write_keras_2(path: Path, network: keras.Model) -> None:
    """Write a small lenet as Keras 2.4 laid its files out, without the scaling of pixels."""
    settings = {"trainable": True, "dtype": "float32"}
    described: list[dict[str, Any]] = []
    for layer in network.layers[2:]:
        kept = layer.get_config()
        names = ("name", "filters", "kernel_size", "pool_size", "strides", "units", "activation")
        own = {name: kept[name] for name in names if name in kept}
        described.append({"class_name": type(layer).__name__, "config": settings | own})
    first = {"batch_input_shape": [None, 28, 28, 1], "dtype": "float32", "name": "input_1"}
    everything = [{"class_name": "InputLayer", "config": first}, *described]
    content = {"class_name": "Sequential", "config": {"name": "old", "layers": everything}}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(content)
        file.attrs["keras_version"], file.attrs["backend"] = "2.4.0", "tensorflow"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [layer.name.encode() for layer in network.layers[2:]]
        group.attrs["keras_version"], group.attrs["backend"] = b"2.4.0", b"tensorflow"
        for layer in network.layers[2:]:
            values = layer.get_weights()
            paths = [f"{layer.name}/{kind}:0" for kind in ("kernel", "bias")][: len(values)]
            inner = group.create_group(layer.name)
            inner.attrs["weight_names"] = [name.encode() for name in paths]
            for name, value in zip(paths, values, strict=True):
                inner.create_dataset(name, data=value)


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_code_in_a_file_is_not_run(
    suffix: str, refused: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / f"code.{suffix}"
    first = [layers.Input((28, 28, 1)), layers.Lambda(lambda x: x / 255), layers.Flatten()]
    keras.Sequential([*first, layers.Dense(10, activation="softmax")]).save(path)
    assert "Lambda layer), which is not run" in refused(path, *MNIST)


def test_files_without_a_fitting_network_are_refused(
    refused: Callable[..., str], tmp_path: Path, weights: Path
) -> None:
    for suffix in ("keras", "h5"):
        rubbish = tmp_path / f"rubbish.{suffix}"
        rubbish.write_text("nothing")
        assert "damaged, or no network" in refused(rubbish, *MNIST)
    scaled(3, shape=(2,)).save(tmp_path / "table.keras")
    assert "takes 2, but the images are 28x28x1" in refused(tmp_path / "table.keras", *MNIST)
    table = ("--dataset", "weight-skin", "--scale", "none")
    assert "is a table" in refused(tmp_path / "table.keras", *table, "--images", "0")
    scaled(shape=(32, 32, 3)).save(tmp_path / "color.keras")
    assert "takes 32x32x3, but the images are 28x28x1" in refused(
        tmp_path / "color.keras", *MNIST, "--scale", "unit"
    )
    assert "weights only" in refused(weights, *MNIST)


def test_help_lists_every_figure_without_tensorflow() -> None:
    script = (
        "import sys; sys.argv[1:] = ['--help']\n"
        "from runner.inspect import main\n"
        "heavy = {'tensorflow', 'keras', 'mlflow', 'matplotlib', 'sklearn'}\n"
        "try: sys.exit(main())\n"
        "finally: print(heavy & set(sys.modules))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CONF.parent
    ).stdout
    assert all(f"  {path.stem} " in said for path in (CONF / "figures").glob("*.yaml"))
    assert said.endswith("set()\n")


def test_a_network_that_was_not_trained_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(program.main, "experiment=architecture", "figures=[]", "tracking=folder").code == 0
    said = "note: this network was not trained"
    assert said in call(main, "latest", "architecture").out
    Image.new("L", (28, 28), 200).save("own.png")
    assert said in call(predict_command.main, "latest", "own.png").error


def test_a_file_that_is_there_is_not_replaced_by_a_saved_network(
    refused: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "cnn1.h5").write_bytes(b"the one of the course")
    assert "it is there already" in refused("one", "--save", tmp_path / "cnn1.h5")
    assert (tmp_path / "cnn1.h5").read_bytes() == b"the one of the course"
