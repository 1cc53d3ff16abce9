"""An open run in the store of plain files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.datasets.splits import UsedData
from runner.tracking.open_run import flat_metrics
from runner.tracking.run_store import StoredRun


class Entries(Protocol):
    """What an open run changes in its store."""

    def read(self, run_id: str) -> StoredRun:
        """Return a run by its id."""

    def save(self, run: StoredRun) -> None:
        """Write a run."""

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file."""

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Attach tags to a run."""


class FolderRun:
    """An open run; its files stay in its own folder, only metrics and tags are stored."""

    def __init__(self, store: Entries, run_id: str) -> None:
        self.run_id, self._store = run_id, store

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Store the configuration, for runs that have no folder of their own."""
        self._store.write(f"{self.run_id}.configuration.json", configuration)

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Store the values that runs are told apart by, as tags."""
        texts = {f"parameter.{key}": str(value) for key, value in parameters.items()}
        self._store.set_tags(self.run_id, texts)

    def log_data(self, used: Sequence[UsedData]) -> None:
        """Do nothing: the digests of the data are tags."""

    def compare_by(self, metric: str) -> None:
        """Do nothing: reports compare by the metric that runs have."""

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Do nothing: `history.json` in the folder of the run has the epochs."""

    def log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Store final metrics; keys of nested dicts are joined by dots."""
        run = self._store.read(self.run_id)
        self._store.save(replace(run, metrics=run.metrics | dict(flat_metrics(metrics))))

    def log_table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Do nothing: `report.json` in the folder of the run has the numbers."""

    def log_images(self, series: str, images: Mapping[int, Images]) -> None:
        """Do nothing: figures in the folder of the run show them."""

    def log_file(self, path: Path) -> None:
        """Do nothing: the file stays in the folder of the run."""

    def log_folder(self, folder: Path) -> None:
        """Do nothing: the files stay in the folder of the run."""

    def log_network(self, network: keras.Model, images: Images) -> None:
        """Do nothing: `model.keras` in the folder of the run is the network."""

    def flush(self) -> None:
        """Do nothing: metrics are written at once."""
