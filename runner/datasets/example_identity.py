"""Which examples a split holds, and in which order, whatever their size was changed to.

Networks whose test images have the same identity were asked about the same things, as those of
MNIST and of the same digits at 14x14.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from runner.config.dataset_config import DatasetConfig
from runner.datasets.source import Arrays


def stored(config: DatasetConfig, arrays: Arrays, digests: dict[str, str], name: str) -> str:
    """Return the identity of the examples of one array, after relabelling.

    Args:
        config: says which labels are kept.
        arrays: that hold it; `origins` of what was decoded to a size.
        digests: of the arrays as they were read.
        name: of the array.
    """
    kept = sorted(config.relabel) if config.relabel else None
    return _hash([arrays.origins.get(name, digests[name]), kept])


def split_off(config: DatasetConfig, train: str) -> str:
    """Return the identity of validation images, from that of the training images."""
    return _hash([train, config.used_images, config.validation_images, config.validation_seed])


def _hash(content: list[Any]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
