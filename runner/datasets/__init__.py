"""Data sets: found or downloaded, verified, and split by what may be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.config.dataset_config import DatasetConfig
    from runner.datasets.splits import Dataset


def load(config: DatasetConfig, language: str = "en") -> Dataset:
    """Return the data set a configuration describes; see `runner.datasets.loader`."""
    from runner.datasets import loader  # imports numpy, which the command line does not wait for

    return loader.load(config, language)
