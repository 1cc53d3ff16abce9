"""Networks that were logged in MLflow with a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runner.base.errors import DataError
from runner.base.lazy import mlflow
from runner.models.network_digest import weights_digest

WEIGHTS = "weights_sha256"
"""Tag of a logged network with the digest of its weights."""


def logged_models(experiment_id: str, run_id: str) -> list[Any]:
    """Return the networks that were logged with a run, complete or not."""
    condition = f"source_run_id = '{run_id}'"
    return list(mlflow.MlflowClient().search_logged_models([experiment_id], condition))


def ready_models(experiment_id: str, run_id: str) -> list[Any]:
    """Return those that are complete."""
    ready = mlflow.entities.LoggedModelStatus.READY
    return [model for model in logged_models(experiment_id, run_id) if model.status == ready]


def check_weights(network: Path, models: list[Any]) -> None:
    """Compare a fetched network with the digest that it was logged with, if it was.

    MLflow saves a network again when it is logged: its weights are the same then, its file is not.

    Args:
        network: file of it.
        models: that were logged with its run.

    Raises:
        DataError: it has other weights.
    """
    noted = {model.tags[WEIGHTS] for model in models if WEIGHTS in model.tags}
    if noted and weights_digest(network) not in noted:
        raise DataError(
            f"{network}: does not have the weights that were logged with its run (tag {WEIGHTS} "
            "of the model in MLflow): they were changed or damaged since; train it again"
        )
