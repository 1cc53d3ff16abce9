"""The loader of data sets: it finds, decodes, verifies, relabels and splits."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Targets
from runner.base.errors import ConfigurationError
from runner.base.lazy import sklearn
from runner.base.tasks import Task
from runner.config.dataset_checks import check_dataset
from runner.config.dataset_config import DatasetConfig
from runner.datasets.download import obtain_files
from runner.datasets.source import Arrays, Source
from runner.datasets.split_faults import split_fault
from runner.datasets.splits import Dataset, TestSplit, TrainSplit
from runner.datasets.verification import check_declared, check_shapes, read_verified


def load_dataset(config: DatasetConfig, language: str = "en") -> Dataset:
    """Return the data set, with names in the language, or the first the YAML has.

    Raises:
        DataError: its files are missing or damaged, or hold something else.
        ConfigurationError: the configured part cannot be taken from it.
    """
    arrays, digests = read_dataset(config, obtain_files(config))
    config = replace(config, train_images=len(arrays.x_train), test_images=len(arrays.x_test))
    check_dataset(config)
    task = config.task(language)
    train, validation = split_dataset(config, arrays.x_train, arrays.y_train, task)
    of = partial(_examples, config, arrays, digests)
    if validation is not None:
        validation = replace(validation, examples=_split_off_examples(config, of("x_train")))
    if arrays.x_validation is not None and arrays.y_validation is not None:
        own = of("x_validation")
        validation = TrainSplit(arrays.x_validation, arrays.y_validation, own)
    return Dataset(
        name=config.name,
        task=task,
        train=train,
        validation=validation,
        test=TestSplit(arrays.x_test, arrays.y_test, of("x_test")),
        digests=digests,
        dark=config.own_pictures.background == "dark",
        feature_names=config.feature_names or (),
    )


def read_dataset(
    config: DatasetConfig, paths: list[Path], trust: bool = True
) -> tuple[Arrays, dict[str, str]]:
    """Return what the files hold, verified, prepared and relabeled, and the digests of the first.

    Raises:
        DataError: a file is damaged, or holds something else than the YAML declares.
    """
    source: Source = config.source()
    if source.shapes:
        check_shapes(config, source.shapes(paths))
    stored, digests = read_verified(source, paths, trust)
    arrays = relabel(source.prepare(stored) if source.prepare else stored, config.relabel)
    check_declared(config, arrays)
    return arrays, digests


def relabel(arrays: Arrays, labels: dict[int, int] | None) -> Arrays:
    """Keep the images whose labels are keys, in their order, with the values as labels."""
    if labels is None:
        return arrays
    old = np.array(list(labels))
    new = np.array(list(labels.values()), np.int64)
    order = np.argsort(old)

    def chosen(x: Images, y: Targets) -> tuple[Images, Targets]:
        keep = np.isin(y, old)
        return x[keep], new[order][np.searchsorted(old[order], y[keep])]

    x_train, y_train = chosen(arrays.x_train, arrays.y_train)
    x_test, y_test = chosen(arrays.x_test, arrays.y_test)
    changed = replace(arrays, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    if arrays.x_validation is None or arrays.y_validation is None:
        return changed
    x_validation, y_validation = chosen(arrays.x_validation, arrays.y_validation)
    return replace(changed, x_validation=x_validation, y_validation=y_validation)


def split_dataset(
    config: DatasetConfig, images: Images, labels: Targets, task: Task
) -> tuple[TrainSplit, TrainSplit | None]:
    """Return the images to fit on and those split off for validation, each in stored order."""
    images, labels = images[: config.used_images], labels[: config.used_images]
    absent = task.absent(labels)
    if absent and config.train_size:
        raise ConfigurationError(
            f"dataset.train_size={config.train_size}: the first {config.train_size} training "
            f"{config.items} show no {', '.join(absent)}; choose more"
        )
    if absent:
        raise ConfigurationError(
            f"{config.name}: its {len(labels)} training {config.items} show no "
            f"{', '.join(absent)}; add some, or correct the names of the classes"
        )
    if not config.validation_images:
        return TrainSplit(images, labels), None
    fitted, validation = _fitted_and_validation(config, labels, task)
    return (
        TrainSplit(images[fitted], labels[fitted]),
        TrainSplit(images[validation], labels[validation]),
    )


def _fitted_and_validation(
    config: DatasetConfig, labels: Targets, task: Task
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    strata = task.strata(labels)
    try:
        fitted, validation = sklearn.model_selection.train_test_split(
            np.arange(len(labels)),
            test_size=config.validation_images,
            stratify=strata,
            random_state=config.validation_seed,
        )
    except ValueError as error:
        fault = split_fault(strata, len(labels), config.validation_images, task.names)
        raise ConfigurationError(
            f"dataset.validation_fraction={config.validation_fraction}: cannot split "
            f"{len(labels)} {config.items}{'' if strata is None else ' by class'}: {fault}"
        ) from error
    return np.sort(fitted), np.sort(validation)


def _examples(config: DatasetConfig, arrays: Arrays, digests: dict[str, str], name: str) -> str:
    """Return a digest of the examples of one array and their order, after relabeling.

    It is the same whatever their size was changed to: networks whose test images have the same
    digest were tested on the same examples, be it MNIST or the same digits at 14x14.

    Args:
        config: says which labels are left.
        arrays: that hold it; `origins` of what was decoded to a size.
        digests: of the arrays as they were read.
        name: of the array.
    """
    labels = sorted(config.relabel) if config.relabel else None
    return _digest([arrays.origins.get(name, digests[name]), labels])


def _split_off_examples(config: DatasetConfig, train: str) -> str:
    """Return the digest of validation images, from that of the training images."""
    return _digest([train, config.used_images, config.validation_images, config.validation_seed])


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
