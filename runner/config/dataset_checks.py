"""Checks of the configuration of a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter

from runner.base.errors import ConfigurationError
from runner.config.dataset_config import DatasetConfig
from runner.config.folder_classes import UNKNOWN, folders_in

_FEWEST_CLASSES = 2
_SPLITS = {"train", "training", "test", "testing", "validation", "valid", "val"}
"""Names of folders that are no classes, where there are no others."""
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
    if config.path == "":  # which would be the working folder
        _refuse_no_path(config)
    if config.path is not None:
        _check_path(config.path)
    kinds = len(config.named_targets())
    if kinds != 1:
        options = ("class_names", "label_names", "output_names")
        present = " and ".join(option for option in options if getattr(config, option))
        raise ConfigurationError(
            "dataset: expected class_names, where a class is to be told, label_names, where any "
            "number of labels are, or output_names, where numbers are, got "
            f"{f'both {present}' if kinds else 'neither'}"
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
            f"{config.train_images} training images"
        )
    if config.validation_fraction:
        _check_validation(config)


def check_folder_named(config: DatasetConfig) -> None:
    """Raise ConfigurationError where the folder that the classes are named after is not given."""
    if config.path is None and UNKNOWN in (config.class_names or {}).values():
        _refuse_no_path(config)


def _refuse_no_path(config: DatasetConfig) -> NoReturn:
    raise ConfigurationError(
        f"dataset={config.name}: give dataset.path=FOLDER, which holds a folder of pictures for "
        "each class"
    )


def _check_path(path: str) -> None:
    """Raise ConfigurationError where a folder has no folders of classes in it."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise ConfigurationError(
            f"dataset.path={path}: there is no such folder; expected one that holds a folder of "
            "pictures for each class"
        )
    found = folders_in(path)
    if len(found) < _FEWEST_CLASSES or len(_SPLITS & set(found)) == len(found):
        raise ConfigurationError(
            f"dataset.path={path}: expected a folder of pictures for each class, two or more, got "
            f"{', '.join(found) or 'none'}; where train and test are apart, copy "
            "conf/dataset/cats-dogs.yaml"
        )


def _check_validation(config: DatasetConfig) -> None:
    """Raise ConfigurationError where too few images are held out, or left to train on."""
    task, fraction = config.task(), config.validation_fraction
    of = f"dataset.validation_fraction={fraction}: of {config.used_images} images that"
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
