"""A run that is going on, in MLflow."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from runner.base.array_types import Images
from runner.base.lazy import keras, mlflow

_AT_ONCE = 1_000
"""Metrics that MLflow takes in one call at most."""


class MlflowRun:
    """The run that is open in this process, the innermost if there are several.

    Args:
        run_id: MLflow's.
        log_model: whether networks are logged.
    """

    def __init__(self, run_id: str, log_model: bool) -> None:
        self.run_id, self._log_model = run_id, log_model
        self._waiting: list[Any] = []
        self._sent = -math.inf

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Log a configuration as flat parameters."""
        mlflow.log_params(flatten(configuration))

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of an epoch, those of a second in one call, for a call takes 10 ms."""
        now = round(1_000 * time.time())
        self._waiting += [
            mlflow.entities.Metric(name, float(value), now, epoch)
            for name, value in metrics.items()
        ]
        if time.monotonic() - self._sent >= 1:
            self.flush()

    def flush(self) -> None:
        """Log what waits."""
        while self._waiting:
            mlflow.MlflowClient().log_batch(self.run_id, self._waiting[:_AT_ONCE])
            del self._waiting[:_AT_ONCE]
        self._sent = time.monotonic()

    def log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log final metrics; those inside a dict get its name before theirs, lists are left out.

        What MLflow takes in no name, as parentheses in that of a class, becomes an underscore.
        """
        flat = flatten(metrics, as_text=False)
        named = {re.sub(r"[^/\w.\- :]", "_", k): v for k, v in flat.items()}
        mlflow.log_metrics({k: float(v) for k, v in named.items() if isinstance(v, int | float)})

    def log_file(self, path: Path) -> None:
        """Log one file."""
        mlflow.log_artifact(str(path))

    def log_folder(self, folder: Path) -> None:
        """Log all files of a folder and its folders, but networks."""
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                mlflow.log_artifacts(str(path), path.name)
            elif path.suffix != ".keras":
                self.log_file(path)

    def log_network(self, network: keras.Model, images: Images) -> None:
        """Log a network with its signature and what it needs to be loaded.

        No example of its input goes with it: MLflow would load the network and try it, for a
        second.
        """
        if not self._log_model:
            return
        example = images[:1].astype(np.float32)
        outputs = np.zeros((1, *network.output_shape[1:]), np.float32)
        packages = ("tensorflow", "keras")
        mlflow.tensorflow.log_model(
            network,
            name="model",
            signature=mlflow.models.infer_signature(example, outputs),
            pip_requirements=[f"{package}=={version(package)}" for package in packages],
        )


def flatten(
    configuration: Mapping[str, Any], prefix: str = "", as_text: bool = True
) -> dict[str, Any]:
    """Flatten nested dicts to dotted keys; with `as_text`, other values as JSON."""
    flat: dict[str, Any] = {}
    for key, value in configuration.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{key}.", as_text)
        else:
            text = value if isinstance(value, str) or not as_text else json.dumps(value)
            flat[f"{prefix}{key}"] = text
    return flat


def unflatten(flat: Mapping[str, str]) -> dict[str, Any]:
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
