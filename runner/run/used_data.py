"""The data that a run uses, by digests: of training, validation and test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TestSplit, TrainSplit, UsedData

_LONGEST_DIGEST = 36
"""Characters that MLflow's database has room for."""


def data_of_training(config: Config, data: Dataset) -> Iterator[UsedData]:
    """Yield the data that is trained on and, if there is any, validated with.

    Its digest follows from those of the stored arrays and from what was taken of them.
    """
    dataset = config.dataset
    taken = [dataset.used_images, dataset.validation_fraction, dataset.validation_seed]
    yield _used("training", data.train, config, data, taken)
    if data.validation is not None:
        yield _used("validation", data.validation, config, data, taken)


def data_of_test(config: Config, data: Dataset) -> Iterator[UsedData]:
    """Yield the data that was tested on, if any; nothing of it is looked at before."""
    if config.evaluation.test:
        yield _used("test", data.test, config, data, [])


def _used(
    context: str, split: TrainSplit | TestSplit, config: Config, data: Dataset, taken: list[Any]
) -> UsedData:
    images = split.images
    content = [context, len(images), data.digests, config.dataset.relabel, *taken]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return UsedData(
        context,
        data.name,
        digest[:_LONGEST_DIGEST],
        _origin(config),
        images.shape,
        str(images.dtype),
    )


def _origin(config: Config) -> str:
    source = config.dataset.source()
    download = source.download if isinstance(source.download, str) else None
    return download or source.origin or f"dataset={config.dataset.name}"
