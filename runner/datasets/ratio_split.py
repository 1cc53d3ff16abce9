"""The split of a data set that comes in one piece, at random by a ratio."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from runner.base.array_types import Images, Targets, items_of
from runner.base.errors import ConfigurationError
from runner.base.lazy import sklearn
from runner.datasets.source import Arrays
from runner.datasets.split_faults import split_fault


def split_by_ratio(
    images: Images,
    targets: Targets,
    test_fraction: float,
    seed: int,
    classes: Sequence[str] | None,
) -> Arrays:
    """Choose test images or rows at random; both parts stay in stored order.

    Args:
        images: or rows of a table.
        targets: labels or numbers.
        test_fraction: of all.
        seed: of the choice.
        classes: names of those that the parts have in the same proportions; None where targets
            are numbers.

    Raises:
        ConfigurationError: a part would be empty, or without a class.
    """
    strata = None if classes is None else targets
    try:
        train, test = sklearn.model_selection.train_test_split(
            np.arange(len(targets)), test_size=test_fraction, stratify=strata, random_state=seed
        )
    except ValueError as error:
        by_class = "" if classes is None else " by class"
        fault = split_fault(strata, len(targets), ceil(test_fraction * len(targets)), classes or [])
        raise ConfigurationError(
            f"dataset.source.test_fraction={test_fraction}: cannot split {len(targets)} "
            f"{items_of(images)}{by_class}: {fault}"
        ) from error
    train, test = np.sort(train), np.sort(test)
    return Arrays(images[train], targets[train], images[test], targets[test])
