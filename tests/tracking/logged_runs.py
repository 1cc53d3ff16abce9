"""Runs that are logged through journals, with one of everything."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import keras
import mlflow
import numpy as np

from runner.datasets.splits import UsedData
from runner.tracking.mlflow_store import mlflow_store
from runner.tracking.run_store import RunStore

OUTPUTS = Path("outputs")
DATA = UsedData("test", "mnist", "0123", "https://host/data/", (100, 28, 28, 1), "uint8")
LOSSES = [(epoch, 1 / (epoch + 1)) for epoch in range(3)]


def opened(uri: str | None = None, experiment: str = "digits") -> RunStore:
    return mlflow_store(experiment, OUTPUTS, uri, log_model=True)


def log_a_run(store: RunStore, folder: Path, **tags: str) -> None:
    """Log one of everything, with files and a network."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text('{"seed": 0}')
    (folder / "figures/roc.png").write_bytes(b"drawn")
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.save(folder / "model.keras")
    with store.open("run", {"level": "job", "folder": str(folder)} | tags) as run:
        run.log_configuration({"model": {"units": 3}})
        run.log_parameters({"units": 3})
        run.log_data([DATA])
        run.compare_by("test_error")
        for epoch, loss in LOSSES:
            run.log_epoch(epoch, {"loss": loss})
        run.log_folder(folder)
        run.log_network(network, np.zeros((1, 2), np.float32))
        run.log_metrics({"test_error": 0.25})
        run.log_table("classes", {"class": ["cat", "dog"], "f1": [0.5, 1.0]})
        run.log_images("filters", {step: np.zeros((4, 4, 1), np.uint8) for step in (0, 7)})


def assert_logged_once(folder: Path, uri: str | None = None) -> None:
    """Everything of `log_a_run` is there, and nothing twice."""
    mlflow.set_tracking_uri(uri or f"sqlite:///{Path('outputs/mlflow.db').resolve()}")
    client = mlflow.MlflowClient()
    found = [
        run
        for experiment in client.search_experiments()
        for run in client.search_runs([experiment.experiment_id])
        if run.data.tags.get("folder") == str(folder)
    ]
    (run,) = found
    assert run.info.status == "FINISHED"
    assert run.data.params == {"units": "3"}
    assert [each.dataset.name for each in run.inputs.dataset_inputs] == ["mnist"]
    measured = client.get_metric_history(run.info.run_id, "test_error")
    assert [metric.value for metric in measured] == [0.25]
    table = mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/classes.json")
    assert table == {"columns": ["class", "f1"], "data": [["cat", 0.5], ["dog", 1.0]]}
    pictures = [file.path for file in client.list_artifacts(run.info.run_id, "images")]
    assert len([path for path in pictures if "compressed" in path]) == 2
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == LOSSES
    names = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"report.json", "figures"} <= names
    models = client.search_logged_models([run.info.experiment_id])
    own = [model for model in models if model.source_run_id == run.info.run_id]
    assert [str(model.status) for model in own] == ["READY"]
    linked = [(metric.key, metric.value, metric.dataset_name) for metric in own[0].metrics]
    assert [each for each in linked if each[0] == "test_error"] == [("test_error", 0.25, "mnist")]


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Keep a database locked, as another program may."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
