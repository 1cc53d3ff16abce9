"""Checks of the configuration of a data set."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter

from runner.base.errors import ConfigurationError
from runner.config.dataset_config import DatasetConfig

_DATASET = TypeAdapter(DatasetConfig)


def parse_dataset(plain: dict[str, Any]) -> DatasetConfig:
    """Check the configuration of one data set and return it typed.

    For the errors see `runner.config.checks.parse_config`.
    """
    config = _DATASET.validate_json(json.dumps(plain))
    check_dataset(config)
    return config


def check_dataset(config: DatasetConfig) -> None:
    """Raise ConfigurationError where the options contradict each other or the data set."""
    kinds = len(config.named_targets())
    if kinds != 1:
        options = ("class_names", "label_names", "output_names")
        present = " and ".join(option for option in options if getattr(config, option))
        raise ConfigurationError(
            "dataset: expected class_names, where a class is predicted, label_names, where any "
            "number of labels are, or output_names, where numbers are, got "
            f"{f'both {present}' if kinds else 'neither'}"
        )
    if config.feature_names and (len(config.feature_names),) != config.shape:
        raise ConfigurationError(
            f"dataset.feature_names: expected a name for each number of a row, as dataset.shape="
            f"{list(config.shape)} says, got {len(config.feature_names)}"
        )
    if config.relabel and not config.class_names:
        only = "labels" if config.label_names else "numbers"
        raise ConfigurationError(f"dataset.relabel: {config.name} has no classes, only {only}")
    if config.relabel == {}:
        raise ConfigurationError("dataset.relabel={}: keeps no label; choose some, or null for all")
    if config.validation_fraction and config.source().has_validation:
        raise ConfigurationError(
            f"dataset.validation_fraction={config.validation_fraction}: {config.name} has "
            "validation images of its own; choose 0"
        )
    if config.used_images is None or config.train_images is None:
        return  # a folder's images are counted when it is read, and then checked again
    if config.used_images > config.train_images:
        raise ConfigurationError(
            f"dataset.train_size={config.train_size}: {config.name} has only "
            f"{config.train_images} training {config.items}"
        )
    if config.validation_fraction:
        _check_validation(config)


def _check_validation(config: DatasetConfig) -> None:
    """Raise ConfigurationError where too few images are held out, or left to train on."""
    task, fraction = config.task(), config.validation_fraction
    of = f"dataset.validation_fraction={fraction}: of {config.used_images} {config.items} that"
    if config.validation_images < task.fewest:
        raise ConfigurationError(
            f"{of} is {config.validation_images}, too few for {task.size}; choose a larger "
            "fraction, or 0 for no validation"
        )
    if (config.fitted_images or 0) < task.fewest:
        raise ConfigurationError(
            f"{of} leaves {config.fitted_images} to train on, too few for {task.size}; "
            "choose a smaller fraction"
        )
