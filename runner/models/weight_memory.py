"""Memory that the weights of a network take, estimated before any of it is allocated."""

from __future__ import annotations

import math
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from runner.base.errors import ConfigurationError
from runner.config.component import Component

_BYTES = 4 * 4
"""Of one weight in training, float32: itself, its gradient, and two moments of an optimizer."""
_SMALL = 1_000_000  # weights that may be missing, as those of metrics are
_GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


class WeightMemory:
    """The weights of a network that is being built, counted one by one.

    Args:
        model: that is built; its options are named in the error.
    """

    def __init__(self, model: Component) -> None:
        self._model, self._weights, self._limit = model, 0, memory_limit()

    def add(self, shape: tuple[int, ...]) -> None:
        """Count a weight that is about to be allocated.

        Args:
            shape: of the weight.

        Raises:
            ConfigurationError: with it the network cannot be trained in the memory there is.
        """
        self._weights += math.prod(shape)
        needed = self._weights * _BYTES
        if needed > self._limit:
            raise ConfigurationError(
                f"{self._largest()}: {self._model.function.__name__} would have at least "
                f"{self._weights:,} weights, which take {needed / 1e9:,.0f} GB to train, and this "
                f"machine has {self._limit / 1e9:,.0f} GB; choose fewer"
            )

    def _largest(self) -> str:
        """Return the option with the largest whole number, as it is written."""
        options = self._model.options
        sizes = {key: max(_whole_numbers(value), default=0) for key, value in options.items()}
        key = max(sizes, key=lambda name: sizes[name], default=None)
        return "model" if key is None else f"model.{key}={options[key]}"


class StoredWeights:
    """The weights of a network that is being loaded, counted one by one.

    The layers are built before their weights are read: a damaged configuration could let them take
    any memory, whatever the file holds.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._weights, self._limit = 0, _SMALL + _stored_bytes(path)

    def add(self, shape: tuple[int, ...]) -> None:
        """Count a weight that is about to be allocated.

        Raises:
            ValueError: the file has not even a byte for each.
        """
        self._weights += math.prod(shape)
        if self._weights > self._limit:
            raise ValueError(
                f"its layers have {self._weights:,} weights or more, its file has {self._limit:,} "
                "bytes; it is damaged"
            )


def memory_limit() -> int:
    """Return the bytes of memory that this process may take at most."""
    limits = [psutil.virtual_memory().total]
    with suppress(OSError, ValueError):  # no control group, or one without a limit ("max")
        limits.append(int(_GROUP_LIMIT.read_text(encoding="utf-8")))
    return min(limits)


def _stored_bytes(path: Path) -> int:
    """Return the size of a network's file, unpacked."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def _whole_numbers(value: Any) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, int) and not isinstance(each, bool)]
