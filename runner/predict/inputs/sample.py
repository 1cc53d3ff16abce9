"""One input, or why it could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sample:
    """One input of a network.

    Attributes:
        name: for people: its file, and where in it.
        values: as the network takes them, pixels 0 .. 255 [height, width, channels] or features.
        preparation: how it was made ready for the network, in words.
        truth: name of its class, or None where that is not known.
    """

    name: str
    values: NDArray[np.uint8 | np.float32]
    preparation: str = ""
    truth: str | None = None


@dataclass(frozen=True)
class Failure:
    """An input that could not be read.

    Attributes:
        name: of its file.
        reason: in words.
    """

    name: str
    reason: str


def shape_text(shape: Sequence[int]) -> str:
    """Return a shape for people, such as 28x28x1."""
    return "x".join(map(str, shape)) or "one number"
