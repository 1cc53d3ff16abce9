"""Data sets: found or downloaded, verified, and split for training, validation and test."""

from __future__ import annotations

from runner.config.dataset_config import DatasetConfig
from runner.datasets import loader
from runner.datasets.splits import Dataset


def load(config: DatasetConfig, language: str = "en") -> Dataset:
    """Return the data set a configuration describes; see `runner.datasets.loader`."""
    return loader.load_dataset(config, language)
