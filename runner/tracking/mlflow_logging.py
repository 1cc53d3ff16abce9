"""MLflow: the only module that knows it."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from runner.base.array_types import Images
from runner.base.errors import PrunedError
from runner.base.lazy import mlflow
from runner.config.run_config import TrackingConfig
from runner.run.result import Result

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


DATABASE = "mlflow.db"

logging.getLogger("mlflow").setLevel(logging.WARNING)
logging.getLogger("alembic").setLevel(logging.WARNING)

_AT_ONCE = 1_000
"""Metrics that MLflow takes in one call at most."""


@dataclass(frozen=True)
class Tracker:
    """An MLflow experiment that runs are added to.

    Attributes:
        experiment_id: of the MLflow experiment.
    """

    experiment_id: str

    @contextmanager
    def run(
        self,
        name: str,
        tags: dict[str, str],
        parent: str | None = None,
        run_id: str | None = None,
    ) -> Iterator[str]:
        """Open a run and yield its id; it ends as FINISHED, FAILED or KILLED.

        An exception marks it FAILED and is kept as the tag `error`; an interruption, or a search
        that gives it up, KILLED. With `run_id` an earlier run goes on.
        """
        run = mlflow.start_run(
            run_id=run_id,
            experiment_id=self.experiment_id,
            run_name=name,
            tags=tags,
            nested=parent is not None,
            parent_run_id=parent,
        )
        if "error" in run.data.tags:
            mlflow.delete_tag("error")  # of an earlier attempt
        try:
            yield run.info.run_id
        except KeyboardInterrupt:
            mlflow.end_run("KILLED")
            raise
        except PrunedError as error:
            mlflow.set_tag("pruned", str(error))
            mlflow.end_run("KILLED")
            raise
        except BaseException as error:
            mlflow.set_tag("error", f"{type(error).__name__}: {error}"[:5_000])
            mlflow.end_run("FAILED")
            raise
        mlflow.end_run()


def open_tracker(config: TrackingConfig, outputs: Path) -> Tracker:
    """Connect to the store, and create it and the experiment if they are not there yet.

    Args:
        config: where to track; without a `uri` the store is `mlflow.db` in `outputs`.
        outputs: also holds the artifacts, in `artifacts/`.
    """
    outputs = outputs.resolve()
    connect(config.uri, outputs)
    # several processes that create the same new store break each other's migration
    with FileLock(outputs / ".mlflow.lock"):
        if not (config.uri or (outputs / DATABASE).exists()):
            _create_store(outputs)
        experiment = mlflow.get_experiment_by_name(config.experiment)
        if experiment is not None:
            return Tracker(experiment.experiment_id)
        place = None if config.uri else (outputs / "artifacts" / config.experiment).as_uri()
        kind = {"mlflow.experimentKind": "custom_model_development"}  # runs first in its UI
        return Tracker(mlflow.create_experiment(config.experiment, place, kind))


def connect(uri: str | None, outputs: Path) -> None:
    """Choose the store that all of this process is tracked in; see `open_tracker`."""
    outputs.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(uri or f"sqlite:///{outputs.resolve() / DATABASE}")


def _create_store(outputs: Path) -> None:
    """Create the store under another name first: MLflow cannot mend one that it was killed in."""
    new = outputs / f".{DATABASE}.new"
    new.unlink(missing_ok=True)
    mlflow.set_tracking_uri(f"sqlite:///{new}")
    mlflow.search_experiments(max_results=1)
    new.replace(outputs / DATABASE)
    connect(None, outputs)


def log_configuration(node: dict[str, Any]) -> None:
    """Log a composed configuration as flat parameters."""
    mlflow.log_params(flatten(node))


class EpochLog:
    """Logs the numbers of epochs, those of a second in one call, for a call takes some 10 ms."""

    def __init__(self) -> None:
        self._waiting: list[mlflow.entities.Metric] = []
        self._sent = -math.inf

    def add(self, epoch: int, logs: dict[str, float]) -> None:
        """Log the numbers of one epoch, now or later."""
        now = round(1_000 * time.time())
        self._waiting += [
            mlflow.entities.Metric(name, float(value), now, epoch) for name, value in logs.items()
        ]
        if time.monotonic() - self._sent >= 1:
            self.send()

    def send(self) -> None:
        """Log what waits, in the run that is open."""
        run, client = mlflow.active_run(), mlflow.MlflowClient()
        while self._waiting and run is not None:
            client.log_batch(run.info.run_id, self._waiting[:_AT_ONCE])
            del self._waiting[:_AT_ONCE]
        self._sent = time.monotonic()


def log_numbers(numbers: dict[str, Any]) -> None:
    """Log final numbers; those inside a dict get its name before theirs, lists are left out.

    What MLflow takes in no name, as parentheses in that of a class, becomes an underscore.
    """
    flat = flatten(numbers, as_text=False)
    named = {re.sub(r"[^/\w.\- :]", "_", k): v for k, v in flat.items()}
    mlflow.log_metrics({k: float(v) for k, v in named.items() if isinstance(v, int | float)})


def log_file(path: Path) -> None:
    """Log one file."""
    mlflow.log_artifact(str(path))


def add_figures(run_id: str, paths: list[Path]) -> None:
    """Log figures with a run that is over."""
    for path in paths:
        mlflow.MlflowClient().log_artifact(run_id, str(path), "figures")


def log_files(folder: Path) -> None:
    """Log all files of a folder but the network, which `log_model` logs."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            mlflow.log_artifacts(str(path), path.name)
        elif path.suffix != ".keras":
            log_file(path)


def log_model(result: Result, images: Images) -> None:
    """Log the network with its signature and what it needs to be loaded.

    No example of its input goes with it: MLflow would load the network and try it, for a second.
    """
    network = result.training.model
    example = images[:1].astype(np.float32)
    given = np.zeros((1, *network.output_shape[1:]), np.float32)
    mlflow.tensorflow.log_model(
        network,
        name="model",
        signature=mlflow.models.infer_signature(example, given),
        pip_requirements=[f"{package}=={version(package)}" for package in ("tensorflow", "keras")],
    )


def flatten(node: dict[str, Any], prefix: str = "", as_text: bool = True) -> dict[str, Any]:
    """Flatten nested dicts to dotted keys; with `as_text`, other values as JSON."""
    flat: dict[str, Any] = {}
    for key, value in node.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{key}.", as_text)
        else:
            text = value if isinstance(value, str) or not as_text else json.dumps(value)
            flat[f"{prefix}{key}"] = text
    return flat


def unflatten(flat: dict[str, str]) -> dict[str, Any]:
    """Return the nested dicts that `flatten` made text of; what looks like JSON is read so."""
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
