"""Networks of mere files, of this program or another, under `python -m runner.inspect`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import pytest
from keras import layers

from predict.inspected_runs import MNIST, Inspect, folder_of, scaled


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
