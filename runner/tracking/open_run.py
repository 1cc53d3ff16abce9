"""The interface of an open run, which what happens in it is logged to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from runner.base.array_types import Images
from runner.base.lazy import keras
from runner.datasets.splits import UsedData


class OpenRun(Protocol):
    """An open run, which metrics, files and networks are logged to."""

    @property
    def run_id(self) -> str:
        """Unique in the store."""

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Log a configuration in plain containers."""

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Log the few values that runs are told apart by."""

    def log_data(self, used: Sequence[UsedData]) -> None:
        """Log which data the run uses, before what was measured on them."""

    def compare_by(self, metric: str) -> None:
        """Say which metric the runs of the experiment are compared by; smaller is better."""

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of one epoch; they may be buffered until `flush`."""

    def log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log final metrics; keys of nested dicts are joined by dots."""

    def log_table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Log a table, as NAME: VALUES of each column."""

    def log_images(self, series: str, images: Mapping[int, Images]) -> None:
        """Log a series of images, uint8 [height, width, channels], by step, such as the epoch."""

    def log_file(self, path: Path) -> None:
        """Log one file."""

    def log_folder(self, folder: Path) -> None:
        """Log all files of a folder and its subfolders, except networks."""

    def log_network(self, network: keras.Model, images: Images) -> None:
        """Log a trained network; `images` are examples of its inputs."""

    def flush(self) -> None:
        """Log all buffered metrics."""


def flat_metrics(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers among metrics; keys of nested dicts are joined by dots."""
    for key, value in metrics.items():
        if isinstance(value, dict):
            yield from flat_metrics(value, f"{prefix}{key}.")
        elif isinstance(value, int | float):
            yield f"{prefix}{key}", float(value)
