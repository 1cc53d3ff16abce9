"""The runs of a working folder in MLflow, and a small training."""

from pathlib import Path
from typing import Any

import mlflow

SMALL = ("device=cpu", "dataset.train_size=600", "training.epochs=2")


def runs(workspace: Path) -> list[Any]:
    """Return every MLflow run of a workspace, the newest first."""
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return list(client.search_runs(experiments))


def metrics(workspace: Path, run: Any, name: str) -> list[tuple[int, float]]:
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    history = client.get_metric_history(run.info.run_id, name)
    return [(metric.step, metric.value) for metric in history]
