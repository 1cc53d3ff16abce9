"""An open run in MLflow."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from runner.base.array_types import Images
from runner.base.lazy import keras, mlflow
from runner.base.stored_files import CHECKPOINT

_AT_ONCE = 1_000
"""Largest number of metrics in one call of MLflow."""


class MlflowRun:
    """The open run of this process, the innermost if several are nested.

    Args:
        run_id: MLflow's.
        log_model: whether networks are logged.
        epochs: that are logged already, of a run that goes on.
    """

    def __init__(self, run_id: str, log_model: bool, epochs: Iterable[int] = ()) -> None:
        self.run_id, self._log_model, self._epochs = run_id, log_model, set(epochs)
        self._buffer: list[Any] = []
        self._last_call = -math.inf

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Log a configuration as flat parameters."""
        mlflow.log_params(flatten(configuration))

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of an epoch, at most one call per second, since a call takes 10 ms."""
        if epoch in self._epochs:
            return
        now = round(1_000 * time.time())
        self._buffer += [
            mlflow.entities.Metric(name, float(value), now, epoch)
            for name, value in metrics.items()
        ]
        if time.monotonic() - self._last_call >= 1:
            self.flush()

    def flush(self) -> None:
        """Log all buffered metrics."""
        while self._buffer:
            mlflow.MlflowClient().log_batch(self.run_id, self._buffer[:_AT_ONCE])
            del self._buffer[:_AT_ONCE]
        self._last_call = time.monotonic()

    def log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log final metrics; keys of nested dicts are joined by dots, lists are left out.

        Characters that MLflow allows in no name, such as parentheses, become underscores.
        """
        flat = flatten(metrics, as_text=False)
        named = {re.sub(r"[^/\w.\- :]", "_", k): v for k, v in flat.items()}
        mlflow.log_metrics({k: float(v) for k, v in named.items() if isinstance(v, int | float)})

    def log_file(self, path: Path) -> None:
        """Log one file."""
        mlflow.log_artifact(str(path))

    def log_folder(self, folder: Path) -> None:
        """Log all files in and below a folder, except networks, checkpoints and hidden files."""
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                mlflow.log_artifacts(str(path), path.name)
            elif path.suffix != ".keras" and path.name[0] != "." and path.name != CHECKPOINT:
                self.log_file(path)

    def log_network(self, network: keras.Model, images: Images) -> None:
        """Log a network with its signature and requirements, if networks are logged.

        No input example is logged: MLflow would load the network and call it, for a second.
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
    """Flatten nested dicts to dotted keys; with `as_text`, values that are no str become JSON."""
    flat: dict[str, Any] = {}
    for key, value in configuration.items():
        if isinstance(value, dict) and value:
            flat |= flatten(value, f"{prefix}{key}.", as_text)
        else:
            text = value if isinstance(value, str) or not as_text else json.dumps(value)
            flat[f"{prefix}{key}"] = text
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
