"""What tests of `python -m runner.inspect` share: runs that are inspected, and other networks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import mlflow
from calling import Said
from keras import layers

MNIST = ("--dataset", "mnist")
Inspect = Callable[..., Said]


def runs(workspace: Path) -> dict[str, Any]:
    """Return the MLflow runs of the workspace by name."""
    client = mlflow.MlflowClient(f"sqlite:///{workspace}/outputs/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return {run.info.run_name: run for run in client.search_runs(experiments)}


def folder_of(workspace: Path, name: str) -> Path:
    return Path(runs(workspace)[name].data.tags["folder"])


def scaled(outputs: int = 10, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:
    """A network that expects pixels which somebody else has scaled."""
    flat = [layers.Input(shape), layers.Flatten(), layers.Dense(outputs, activation="softmax")]
    return keras.Sequential(flat)
