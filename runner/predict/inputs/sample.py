"""One thing to be recognized, or why it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sample:
    """One thing to be recognized.

    Attributes:
        name: for people: its file, or place in one.
        values: as the network takes them, pixels 0 .. 255 [height, width, channels] or features.
        done: what was done to make it so.
        truth: name of its class, where somebody says so.
    """

    name: str
    values: NDArray[np.uint8 | np.float32]
    done: str = ""
    truth: str | None = None


@dataclass(frozen=True)
class Failure:
    """What could not be read.

    Attributes:
        name: of its file.
        reason: in words.
    """

    name: str
    reason: str


def product(shape: Sequence[int]) -> str:
    """Return a shape for people."""
    return "x".join(map(str, shape)) or "one number"
