"""The store that runs are tracked in."""

import re
from collections.abc import Callable
from pathlib import Path

import keras
import mlflow
import numpy as np
import pytest

from runner.base.errors import DataError
from runner.datasets.splits import UsedData
from runner.models.network_digest import network_digest, weights_digest
from runner.tracking.mlflow_store import mlflow_store


def test_a_store_whose_creation_was_killed_is_created_anew(
    create_store: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.tracking.mlflow_store._create_store", create_store)
    (tmp_path / ".mlflow.db.new").write_bytes(b"as far as it came")
    for experiment in ("first", "second"):
        store = mlflow_store(experiment, tmp_path, None, log_model=False)
        with store.open("run", {}) as run:
            run.log_metrics({"test_error": 0.25})
        assert mlflow.MlflowClient().get_run(run.run_id).data.metrics == {"test_error": 0.25}
    files = {path.name for path in tmp_path.iterdir()}
    assert files - {"artifacts"} == {"mlflow.db", ".mlflow.lock", ".tracking"}


def test_a_database_of_ones_own_puts_no_folder_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path}/own.db"
    store = mlflow_store("first", tmp_path / "outputs", uri, log_model=False)
    (tmp_path / "note.txt").write_text("kept")
    with store.open("run", {}) as run:
        run.log_file(tmp_path / "note.txt")
    assert {path.name for path in tmp_path.iterdir()} == {"own.db", "outputs", "note.txt"}
    assert [path.read_text() for path in (tmp_path / "outputs/artifacts").rglob("note.txt")] == [
        "kept"
    ]


def trained(folder: Path) -> keras.Model:
    """Return a network, which is also in the folder of its run."""
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    folder.mkdir(exist_ok=True)
    network.save(folder / "model.keras")
    return network


def test_metrics_belong_to_the_network_and_to_the_data_they_were_measured_on(
    tmp_path: Path,
) -> None:
    store = mlflow_store("linked", tmp_path, None, log_model=True)
    digest = "0123456789abcdef" * 2
    used = [UsedData("test", "mnist", digest, "https://host/data/", (100, 28, 28, 1), "uint8")]
    folder = tmp_path / "run"
    tags = {"level": "job", "note": "what it is", "folder": str(folder)}
    with store.open("run", tags) as run:
        run.log_parameters({"model": "small", "filters": [4, 6]})
        run.log_data(used)
        run.log_network(trained(folder), np.zeros((1, 2), np.float32))
        run.log_metrics({"test_error": 0.25, "validation_error": 0.5, "epochs": 3})
        run.log_table("classes", {"class": ["cat", "dog"], "f1": [0.5, 1.0]})
        run.log_images("first-filters", {step: np.zeros((4, 4, 1), np.uint8) for step in (0, 7)})
    client = mlflow.MlflowClient()
    logged = client.get_run(run.run_id)
    assert logged.data.params == {"model": "small", "filters": "[4, 6]"}
    assert logged.data.tags["mlflow.note.content"] == "what it is"
    ((dataset),) = [each.dataset for each in logged.inputs.dataset_inputs]
    assert (dataset.name, dataset.digest) == ("mnist", digest)
    (model,) = client.search_logged_models([logged.info.experiment_id])
    assert model.name == "small"
    measured = {metric.key: metric for metric in model.metrics}
    assert set(measured) == {"test_error", "validation_error", "epochs"}
    assert (measured["test_error"].dataset_name, measured["test_error"].value) == ("mnist", 0.25)
    assert measured["epochs"].dataset_name is None
    files = {file.path for file in client.list_artifacts(run.run_id)}
    assert {"classes.json", "images"} <= files
    names = " ".join(file.path for file in client.list_artifacts(run.run_id, "images"))
    steps = set(re.findall(r"first-filters.step.(\d+).", names))
    assert steps == {"0", "7"}


def test_the_champion_has_the_smallest_validation_error(tmp_path: Path) -> None:
    store = mlflow_store("search", tmp_path, None, log_model=True)
    addresses = []
    for error in (0.2, 0.1, 0.3):
        folder = tmp_path / str(error)
        with store.open("best", {"level": "job", "folder": str(folder)}) as run:
            run.log_network(trained(folder), np.zeros((1, 2), np.float32))
        addresses.append(store.register(store.find(id_start=run.run_id)[0], "mnist", error))
    assert addresses == ["models:/mnist@champion", "models:/mnist@champion", "models:/mnist/3"]
    champion = mlflow.MlflowClient().get_model_version_by_alias("mnist", "champion")
    assert (champion.version, champion.tags["validation_error"]) in {(2, "0.1"), ("2", "0.1")}
    found = store.registered("models:/mnist@champion", tmp_path / "fetched")
    assert keras.models.load_model(found.network).count_params() == 3


def test_a_network_that_was_changed_in_the_store_is_noticed_when_it_is_fetched(
    tmp_path: Path,
) -> None:
    store, folder = mlflow_store("here", tmp_path / "outputs", None, log_model=True), tmp_path / "a"
    with store.open("best", {"level": "job", "folder": str(folder)}) as run:
        network = trained(folder)
        network.compile("adam", "mse")
        network.fit(np.zeros((4, 2)), np.zeros(4), verbose=0)
        network.save(folder / "model.keras")
        run.log_network(network, np.zeros((1, 2), np.float32))
    (stored,) = store.find(id_start=run.run_id)
    store.register(stored, "digits", 0.1)
    fetched = store.network(stored, tmp_path / "fetched")
    assert fetched is not None
    assert weights_digest(fetched) == weights_digest(folder / "model.keras")
    assert network_digest(fetched) != network_digest(folder / "model.keras")  # has no optimizer
    (logged,) = (tmp_path / "outputs/artifacts").rglob("model.keras")
    trained(tmp_path / "other").save(logged)  # what was fetched stays whole, and as it was
    with pytest.raises(DataError, match="does not have the weights that were logged with its run"):
        store.network(stored, tmp_path / "fetched")
    assert weights_digest(fetched) == weights_digest(folder / "model.keras")
    assert not list(tmp_path.glob(".*"))
    with pytest.raises(DataError, match="does not have the weights that were logged with its run"):
        store.network(stored, tmp_path / "again")
    with pytest.raises(DataError, match=r"does not have the weights .*tag weights_sha256"):
        store.registered("models:/digits@champion", tmp_path / "champion")


def test_mlflow_itself_loads_a_network_that_was_logged(tmp_path: Path) -> None:
    store, folder = mlflow_store("loaded", tmp_path, None, log_model=True), tmp_path / "run"
    with store.open("run", {"level": "job", "folder": str(folder)}) as run:
        network = trained(folder)
        run.log_network(network, np.zeros((1, 2), np.float32))
    experiment = mlflow.MlflowClient().get_run(run.run_id).info.experiment_id
    (logged,) = mlflow.MlflowClient().search_logged_models([experiment])
    loaded, inputs = mlflow.pyfunc.load_model(logged.model_uri), np.ones((3, 2), np.float32)
    assert loaded.metadata.signature.inputs.inputs[0].shape == (-1, 2)
    assert np.array_equal(loaded.predict(inputs), network.predict(inputs, verbose=0))
    needed = mlflow.pyfunc.get_model_dependencies(logged.model_uri)
    assert f"keras=={keras.__version__}" in Path(needed).read_text().splitlines()


def test_a_run_without_its_network_is_not_registered(tmp_path: Path) -> None:
    store = mlflow_store("search", tmp_path, None, log_model=False)
    with store.open("best", {"level": "job"}) as run:
        pass
    assert store.register(store.find(id_start=run.run_id)[0], "mnist", 0.1) is None


def test_the_configuration_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    store = mlflow_store("old", tmp_path, None, log_model=False)
    with store.open("run", {"level": "job"}) as run:
        run.log_parameters({"dataset.name": "mnist", "model.filters": "[4, 6]", "seed": "0"})
    expected = {"dataset": {"name": "mnist"}, "model": {"filters": [4, 6]}, "seed": 0}
    assert store.configuration(store.find(id_start=run.run_id)[0]) == expected


def test_a_class_of_any_name_can_be_tracked(tmp_path: Path) -> None:
    """MLflow refuses parentheses and the like in names of metrics."""
    classes = {"cat (small)": {"f1": 0.5}, "T-shirt/top": {"f1": 0.25}, "ação": {"f1": 1}}
    store = mlflow_store("classes", tmp_path, None, log_model=False)
    with store.open("run", {}) as run:
        run.log_metrics({"classes": classes, "names": ["left out"]})
    logged = mlflow.MlflowClient().get_run(run.run_id).data.metrics
    assert logged == {
        "classes.cat _small_.f1": 0.5,
        "classes.T-shirt/top.f1": 0.25,
        "classes.ação.f1": 1,
    }
