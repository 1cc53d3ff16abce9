"""Verification that decoded arrays are the data set that its configuration describes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np

from runner.base.array_types import Images, Targets
from runner.base.cache import cache_folder
from runner.base.errors import DataError
from runner.config.dataset_config import DatasetConfig
from runner.datasets.source import ARRAYS, Arrays, Source


def read_verified(
    source: Source, paths: list[Path], trust: bool = True
) -> tuple[Arrays, dict[str, str]]:
    """Decode files and compare their content with the digests of the source.

    Files that were right before, and have the same size and time since, are trusted to be so
    still, where the source has a digest of each array, unless `trust` is false.

    Returns:
        the arrays and the SHA-256 of each.

    Raises:
        DataError: a file is damaged or holds something else.
    """
    marker = _marker(source, paths)
    arrays = source.read(paths, trust)
    declared = source.digests or {}
    all_declared = declared.keys() == arrays.named().keys()
    if all_declared and trust and os.access(marker, os.F_OK):
        return arrays, declared
    digests = {name: array_digest(array) for name, array in arrays.named().items()}
    _compare(digests, declared, paths)
    if all_declared:
        _remember(marker)
    return arrays, digests


def array_digest(array: Images | Targets) -> str:
    """Return the SHA-256 of an array's values in C order, integers as bytes where they fit."""
    whole = array.size and np.issubdtype(array.dtype, np.integer)
    narrow = whole and array.min() >= 0 and array.max() <= np.iinfo(np.uint8).max
    values = array.astype(np.uint8, copy=False) if narrow else array
    return hashlib.sha256(np.ascontiguousarray(values).data).hexdigest()


def check_shapes(config: DatasetConfig, shapes: dict[str, tuple[int, ...]]) -> None:
    """Compare the shapes that the headers of files declare with those of the data set's YAML.

    What a file can be decompressed to is bounded by them, so that is done before. How many images
    are left after relabeling is not known yet.

    Raises:
        DataError: they differ.
    """
    for kind, split, expected in _splits(config):
        images, labels = shapes[f"x_{split}"], shapes[f"y_{split}"]
        counts = {sum(shape[:1]) for shape in (images, labels)}
        if images[1:] != config.shape:
            raise DataError(_other_shape(config, kind, images[1:]))
        if expected and not config.relabel and counts != {expected}:
            raise DataError(_other_number(config, kind, expected, (images[0], sum(labels[:1]))))


def check_declared(config: DatasetConfig, arrays: Arrays) -> None:
    """Compare numbers, shape and labels with those the data set's YAML declares.

    Raises:
        DataError: they differ.
    """
    for kind, expected, images, labels in _counts(config, arrays):
        if not len(images) == len(labels) == (expected or len(images)):
            raise DataError(_other_number(config, kind, expected, (len(images), len(labels))))
        if images.shape[1:] != config.shape:
            raise DataError(_other_shape(config, kind, images.shape[1:]))
        if len(labels) == 0:
            raise DataError(f"{config.name}: its files hold no {kind} images")
        if config.is_table:
            _check_features(config.name, kind, images)
        if fault := config.task().fault(labels, kind):
            raise DataError(f"{config.name}: its YAML {fault}")


def _other_number(
    config: DatasetConfig, kind: str, expected: int | None, found: tuple[int, int]
) -> str:
    return (
        f"{config.name}: its YAML declares {expected} {kind} images, its files hold {found[0]} "
        f"images and {found[1]} labels"
    )


def _other_shape(config: DatasetConfig, kind: str, found: tuple[int, ...]) -> str:
    return (
        f"{config.name}: its YAML declares {kind} images of shape {config.shape}, its files hold "
        f"{found}"
    )


def _check_features(name: str, kind: str, features: Images) -> None:
    finite = np.isfinite(features).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise DataError(
            f"{name}: row {row} of its {kind} features is not finite: {features[row].tolist()}; "
            "correct it or leave it out"
        )


def _splits(config: DatasetConfig) -> Iterator[tuple[str, str, int | None]]:
    yield "training", "train", config.train_images
    yield "test", "test", config.test_images


def _counts(
    config: DatasetConfig, arrays: Arrays
) -> Iterator[tuple[str, int | None, Images, Targets]]:
    stored = {
        "train": (arrays.x_train, arrays.y_train),
        "test": (arrays.x_test, arrays.y_test),
    }
    for kind, split, expected in _splits(config):
        yield kind, expected, *stored[split]
    if arrays.x_validation is not None and arrays.y_validation is not None:
        yield "validation", None, arrays.x_validation, arrays.y_validation


def _compare(digests: dict[str, str], expected: dict[str, str], paths: list[Path]) -> None:
    for name, digest in expected.items():
        if digests[name] != digest:
            path = paths[ARRAYS.index(name)] if len(paths) == len(ARRAYS) else paths[0]
            raise DataError(
                f"{path}: the SHA-256 of {name} is {digests[name]}, expected {digest}; the file is "
                "damaged or holds other data: remove or replace it"
            )


def _marker(source: Source, paths: list[Path]) -> Path:
    stats = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    key = hashlib.sha256(json.dumps([stats, source.digests]).encode()).hexdigest()
    return cache_folder() / "verified" / key


def _remember(marker: Path) -> None:
    with suppress(OSError):  # an unwritable home only costs the next run a second check
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
