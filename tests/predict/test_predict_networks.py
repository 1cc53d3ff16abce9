"""Networks from elsewhere that `python -m runner.predict` is given: mere files, registered ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import mlflow
import numpy as np
import pytest
from keras import layers
from omegaconf import OmegaConf

from predict.predicted_runs import MNIST, Predict, Refused, classes, small
from runner.tracking.mlflow_run import flatten


def test_a_mere_file_needs_its_scale_and_data_set(
    predict: Predict, predict_refused: Refused, digit_runs: Path, tmp_path: Path
) -> None:
    trained = keras.models.load_model(digit_runs / "run/model.keras", compile=False)
    bare = small(normalized=False)
    bare.set_weights(trained.get_weights())
    bare.save(tmp_path / "old.h5")
    page = "pages/2/page.png"
    assert "say what it recognizes" in predict_refused(tmp_path / "old.h5", page)
    assert "no normalization layer" in predict_refused(tmp_path / "old.h5", page, *MNIST)
    old = predict(tmp_path / "old.h5", page, *MNIST, "--scale", "inverted")
    assert old.out == predict("run", page).out
    named = ("--classes", "a,b,c,d,e,f,g,h,i,j", "--scale", "inverted", "--fit", "mnist")
    said = predict(tmp_path / "old.h5", page, *named, "--polarity", "as-is")
    assert classes(said)[0] in "abcdefghij"
    assert "there are 2 classes" in predict_refused(
        tmp_path / "old.h5", page, "--classes", "a,b", "--scale", "none"
    )
    assert "--scale unit: networks of runs" in predict_refused("run", page, "--scale", "unit")
    values = ("--classes", "a,b,c,d,e,f,g,h,i,j", "--scale", "none", "--values", *["1"] * 28)
    assert "--values: the network takes images of 28x28x1; give files" in predict_refused(
        tmp_path / "old.h5", *values
    )


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_code_and_rubbish_are_refused(
    suffix: str, predict_refused: Refused, tmp_path: Path
) -> None:
    code, rubbish = tmp_path / f"code.{suffix}", tmp_path / f"rubbish.{suffix}"
    flat = [layers.Input((28, 28, 1)), layers.Lambda(lambda x: x / 255), layers.Flatten()]
    keras.Sequential([*flat, layers.Dense(10)]).save(code)
    page = "pages/2/page.png"
    assert "Lambda layer), which is not run" in predict_refused(code, page, *MNIST)
    rubbish.write_text("nothing")
    assert "damaged, or no network" in predict_refused(rubbish, page, *MNIST)
    if suffix == "h5":
        weights = tmp_path / "only.weights.h5"
        small().save_weights(weights)
        assert "weights.h5: it holds weights only; expected" in predict_refused(
            weights, page, *MNIST
        )
        with h5py.File(tmp_path / "data.h5", "w") as file:
            file["x"] = np.zeros(3)
        said = predict_refused(tmp_path / "data.h5", page, *MNIST)
        assert "data.h5: there is no network in it; expected a whole network" in said


@keras.saving.register_keras_serializable("tests")
class Own(layers.Layer):  # type: ignore[misc]
    """A layer that is not Keras' own."""

    def call(self, x: Any) -> Any:
        return x


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_layers_and_functions_of_somebodys_own_are_refused_in_short(
    suffix: str, predict_refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = [layers.Input((28, 28, 1)), layers.Flatten()]
    files = {"Own": Own(), "function": layers.Dense(9, activation=lambda x: x)}
    for name, layer in files.items():
        keras.Sequential([*flat, layer, layers.Dense(10)]).save(tmp_path / f"{name}.{suffix}")
    monkeypatch.delitem(keras.saving.get_custom_objects(), "tests>Own")
    for name in files:
        path = tmp_path / f"{name}.{suffix}"
        said = predict_refused(path, "pages/2/page.png", *MNIST)
        assert "it needs code of its own, which is not run (" in said
        assert name in said.partition("(")[2]
        assert len(said) < 200 + len(str(path))


@pytest.fixture(scope="module")
def registry(digit_runs: Path) -> Iterator[str]:
    """Register the network of `run` as models:/digits/1, champion, and something else as /2."""
    before = mlflow.get_tracking_uri()
    uri = f"sqlite:///{digit_runs / 'registry.db'}"
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    place = (digit_runs / "artifacts").as_uri()
    run = client.create_run(client.create_experiment("digits", place), tags={"level": "job"})
    node: Any = OmegaConf.to_container(OmegaConf.load(digit_runs / "run/configuration/config.yaml"))
    params = [mlflow.entities.Param(k, str(v)) for k, v in flatten(node).items()]
    client.log_batch(run.info.run_id, params=params)
    client.log_artifact(run.info.run_id, str(digit_runs / "run/model.keras"), "model/data")
    (digit_runs / "model.pkl").write_bytes(b"no pickle is ever opened")
    client.log_artifact(run.info.run_id, str(digit_runs / "model.pkl"), "other/data")
    client.set_terminated(run.info.run_id)
    client.create_registered_model("digits")
    for name in ("model", "other"):
        source = f"{run.info.artifact_uri}/{name}"
        client.create_model_version("digits", source, run.info.run_id)
    client.set_registered_model_alias("digits", "champion", "1")
    yield uri
    mlflow.set_tracking_uri(before)


def test_registered_models_are_found_by_alias_and_version(
    registry: str, predict: Predict, predict_refused: Refused, digit_runs: Path
) -> None:
    store, page = ("--uri", registry), "pages/5/page.png"
    expected = predict("run", page).out
    for name in ("models:/digits@champion", "models:/digits/1"):
        said = predict(name, page, *store)
        assert said.out == expected, said.error
    assert "expected a model with one .keras or .h5 file" in predict_refused(
        "models:/digits/2", page, *store
    )
    assert "versions 1, 2" in predict_refused("models:/digits/3", page, *store)
    assert "aliases champion" in predict_refused("models:/digits@best", page, *store)
    assert "did you mean digits?" in predict_refused("models:/digit/1", page, *store)
    assert "expected models:/NAME@ALIAS" in predict_refused("models:/digits", page, *store)
    assert "is one network" in predict_refused("models:/digits/1", page, *store, "--seed", 3)
    assert "no run of this name or id" in predict_refused("deadbeef", page, *store)
