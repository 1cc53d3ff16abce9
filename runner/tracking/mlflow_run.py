"""A run in MLflow, which calls are sent to."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.base.lazy import mlflow
from runner.models.network_digest import weights_digest
from runner.tracking import mlflow_inputs, mlflow_view, model_registry, network_flavor
from runner.tracking.logged_models import WEIGHTS, logged_models, ready_models
from runner.tracking.run_store import Status

_AT_ONCE = 1_000
"""Largest number of metrics in one call of MLflow."""

CONFIGURATION = "configuration.json"
"""File of a run's configuration among its artifacts."""

PARENT = "mlflow.parentRunId"
"""Tag with the id of the parent run."""

_LONGEST_TAG = 5_000


class MlflowRun:
    """A run in MLflow, to which the calls in its journal are sent.

    Each method can be called twice with the same arguments, and changes nothing then: sending may
    be interrupted anywhere.

    Args:
        run_id: MLflow's.
        time: of the call that is sent, in seconds since 1970.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id, self.time = run_id, time.time()
        self._buffer: list[Any] = []

    def reopen(self, tags: Mapping[str, str]) -> None:
        """Go on with a run that had ended."""
        if "error" in self._client.get_run(self.run_id).data.tags:
            self._client.delete_tag(self.run_id, "error")  # of an earlier attempt
        self.set_tags(tags)
        self._client.update_run(self.run_id, "RUNNING")

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Attach tags."""
        for key, value in mlflow_view.run_tags(tags).items():
            self._client.set_tag(self.run_id, key, value[:_LONGEST_TAG])

    def set_parent(self, parent: str) -> None:
        """Make the run a child of another run."""
        self._client.set_tag(self.run_id, PARENT, parent)

    def end(self, status: Status) -> None:
        """End the run."""
        self._client.set_terminated(self.run_id, status, round(1_000 * self.time))

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Log a configuration as a file; as parameters it would hide those that matter."""
        self._client.log_dict(self.run_id, dict(configuration), CONFIGURATION)

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log the few values that runs are told apart by."""
        mlflow.log_params(flatten(parameters), run_id=self.run_id)

    def log_data(self, used: Sequence[dict[str, Any]]) -> None:
        """Log which data the run uses, each as `runner.datasets.splits.UsedData` in a dict."""
        mlflow_inputs.log_data(self.run_id, used)

    def compare_by(self, metric: str) -> None:
        """Have the UI show the experiment by a metric; see `runner.tracking.mlflow_view`."""
        experiment = self._client.get_run(self.run_id).info.experiment_id
        tags = self._client.get_experiment(experiment).tags
        for key, value in mlflow_view.missing_tags(tags, metric).items():
            self._client.set_experiment_tag(experiment, key, value)

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Buffer the metrics of an epoch, since a call of MLflow takes 10 ms."""
        now = round(1_000 * self.time)
        self._buffer += [
            mlflow.entities.Metric(name, value, now, epoch) for name, value in metrics.items()
        ]

    def log_system(self, minute: int, metrics: Mapping[str, float]) -> None:
        """Log how busy the machine was in a minute."""
        self.log_epoch(minute, metrics)
        self.flush()

    def flush(self) -> None:
        """Log all buffered metrics; what is refused stands in the way of nothing else."""
        buffered, self._buffer = self._buffer, []
        while buffered:
            self._client.log_batch(self.run_id, buffered[:_AT_ONCE])
            del buffered[:_AT_ONCE]

    def log_metrics(self, metrics: Mapping[str, float]) -> None:
        """Log final metrics, of the network that was logged before and of the data they are of.

        Characters that MLflow allows in no name, such as parentheses, become underscores.
        """
        named = {re.sub(r"[^/\w.\- :]", "_", name): value for name, value in metrics.items()}
        run = self._client.get_run(self.run_id)
        models = ready_models(run.info.experiment_id, self.run_id)
        model_id = models[0].model_id if models else None
        self._buffer += mlflow_inputs.linked(named, run, model_id, round(1_000 * self.time))
        self.flush()

    def log_table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Log a table, as NAME: VALUES of each column."""
        mlflow_inputs.log_table(self.run_id, name, columns)

    def log_images(self, path: Path, series: str) -> None:
        """Log a series of images, which a file has by step; see `JournaledRun.log_images`."""
        mlflow_inputs.log_images(self.run_id, path, series)

    def register(self, name: str, error: float) -> None:
        """Register the network that was logged, if any; see `RunStore.register`."""
        run = self._client.get_run(self.run_id)
        for model in ready_models(run.info.experiment_id, self.run_id):
            model_registry.register(name, model, self.run_id, error)

    def log_file(self, path: Path, folder: str) -> None:
        """Log one file, below a folder of the run's artifacts, or an empty string for none."""
        mlflow.log_artifact(str(path), folder or None, self.run_id)

    def log_network(self, path: Path, inputs: list[int], outputs: list[int]) -> None:
        """Log a network with its signature and requirements, unless that was done before.

        Args:
            path: of its file.
            inputs: shape of one input.
            outputs: shape of its output.
        """
        run = self._client.get_run(self.run_id)
        if ready_models(run.info.experiment_id, self.run_id):
            return
        for model in logged_models(run.info.experiment_id, self.run_id):
            self._client.delete_logged_model(model.model_id)  # as far as it came
        name = re.sub(r"[/:.%\"']", "-", run.data.params.get("model", "model"))
        model = self._client.create_logged_model(
            run.info.experiment_id,
            name,
            self.run_id,
            tags={WEIGHTS: weights_digest(path)},
            params=run.data.params,
        )
        mlflow.models.Model.log(
            artifact_path=None,
            flavor=network_flavor,
            name=name,
            run_id=self.run_id,
            model_id=model.model_id,
            network=path,
            inputs=inputs,
            outputs=outputs,
        )

    @property
    def _client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient()


def flatten(configuration: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Flatten nested dicts to dotted keys; values that are no str become JSON."""
    flat: dict[str, str] = {}
    for key, value in configuration.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value if isinstance(value, str) else json.dumps(value)
    return flat


def unflatten(flat: Mapping[str, str]) -> dict[str, Any]:
    """Return the nested dicts that `flatten` made flat; values that are valid JSON are parsed."""
    nested: dict[str, Any] = {}
    for key, text in flat.items():
        *outer, last = key.split(".")
        inner = nested
        for name in outer:
            inner = inner.setdefault(name, {})
        try:
            inner[last] = json.loads(text)
        except ValueError:
            inner[last] = text
    return nested
