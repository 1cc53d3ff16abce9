"""A run that tells numbers: what its options may be, what it says and leaves."""

import json
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import keras
import numpy as np
import pytest
from calling import call

from runner import __main__ as program
from runner import datasets
from runner.base import device
from runner.base.compat import inputs_of, operation_of
from runner.base.errors import ConfigurationError
from runner.config.run_config import Config
from runner.models.graph import penultimate
from runner.models.layers import output
from runner.models.saved_networks import taking_pixels
from runner.training.trainer import Trainer

Configure = Callable[..., Config]


@pytest.mark.parametrize(
    "option",
    [
        "training.loss=categorical_crossentropy",
        "training.loss=binary_crossentropy",
        "training.label_smoothing=0.1",
        "augmentation=mixup",
        "model.output_activation=softmax",
    ],
)
def test_what_is_made_for_classes_is_refused(option: str, configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match="made for classes") as refused:
        configure("experiment=regression", option)
    assert option.split("=", maxsplit=1)[0] in str(refused.value)
    assert "\n" not in str(refused.value)


def test_auto_is_the_squared_error_of_linear_outputs_scaled_to_the_targets(
    configure: Configure,
) -> None:
    chosen = ("training.loss=auto", "model.output_activation=auto", "training.epochs=0")
    config = configure("experiment=regression", *chosen)
    data = datasets.load(config.dataset)
    place = device.prepare_device("cpu", config.precision, deterministic=False)
    model = Trainer(config, data.train, None, data.task, place).fit(0, []).model
    assert model.get_layer("output").activation.__name__ == "linear"
    assert isinstance(model.layers[-1], keras.layers.Normalization)
    assert isinstance(model.loss, keras.losses.MeanSquaredError)


FAR = 5e8
"""From 0, as prices may be: no weight of a network gets there in a few epochs."""


def test_outputs_have_the_unit_of_the_targets_from_the_start(
    configure: Configure, tmp_path: Path
) -> None:
    features = np.random.default_rng(0).normal(size=(200, 3))
    targets = FAR + 1e7 * features @ [1.0, 2.0, -1.0]
    table = np.column_stack([features, targets])
    np.savetxt(tmp_path / "prices.csv", table, delimiter=",", header="a,b,c,price", comments="")
    own = ("dataset=csv-regression", f"dataset.path={tmp_path / 'prices.csv'}", "model=dense")
    chosen = ("model.hidden_units=[16]", "training.epochs=40", "training.batch_size=10")
    config = configure(*own, *chosen, "optimizer.learning_rate=0.01")
    data = datasets.load(config.dataset)
    place = device.prepare_device("cpu", config.precision, deterministic=False)
    trained = Trainer(config, data.train, None, data.task, place).fit(0, [])
    spread = data.train.targets.std()
    told = np.asarray(trained.model(data.test.images))
    assert np.abs(told - data.test.targets).mean() < 0.2 * spread
    scale = trained.model.layers[-1]
    assert (scale.name, scale.compute_dtype) == ("scale_of_targets", "float32")
    np.testing.assert_allclose(np.asarray(scale.mean).item(), data.train.targets.mean(), rtol=1e-6)
    features_of = operation_of(penultimate(trained.model)).name
    assert features_of == operation_of(inputs_of(trained.model.get_layer("output").output)[0]).name


@pytest.mark.parametrize("choice", ["", "dataset=shapes-labels model=dense"])
def test_classes_and_labels_have_no_scale(choice: str, configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match=r"model.output_activation=scaled is made for"):
        configure(*choice.split(), "model.output_activation=scaled")


def test_a_scale_of_outputs_is_none_of_pixels() -> None:
    pixels = keras.Input((4,))
    told = output(keras.layers.Dense(3)(pixels), 1, "scaled")
    network = keras.Model(pixels, told)
    with pytest.raises(ConfigurationError, match="no normalization layer: say what it expects"):
        taking_pixels(network, (4,), None, "network.keras")


def test_a_whole_run_through_the_command_line(tmp_path: Path) -> None:
    figures = "figures=[learning-curves,confusion-matrix,predicted-against-true]"
    with chdir(tmp_path):
        done = call(program.main, "experiment=regression", figures, "device=cpu")
    assert done.code == 0, done.error
    assert "not drawn confusion-matrix: made for classes" in done.out
    assert "training loss" in done.out
    assert "rows/s" in done.out
    assert "images" not in done.out
    (page,) = tmp_path.glob("outputs/*/*/report.html")
    assert "rows/s" in page.read_text(encoding="utf-8")
    (folder,) = (tmp_path / "outputs").glob("*/*-regression")
    assert {path.stem for path in (folder / "figures").iterdir()} == {
        "learning-curves",
        "predicted-against-true",
    }
    report = json.loads((folder / "report.json").read_text())
    assert report["parameters"] == 12
    assert "test_error" not in report
    model = keras.saving.load_model(folder / "model.keras")
    kept = np.load(folder / "predictions.npz")
    given = np.asarray(model(np.array([[0.8, 0], [0.2, 0.9]], np.float32)))
    np.testing.assert_allclose(given, kept["predictions"], atol=1e-6)
    for row in report["examples"]:
        assert f"{row['predictions'][0]:.4f}" in done.out
