"""The values variables start from, so that one compiled network can be trained again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class State:
    """Variables of a network or an optimizer, and their values at this moment."""

    def __init__(self, variables: Sequence[Any]) -> None:
        self._variables = list(variables)
        self._values = [variable.numpy() for variable in self._variables]

    def restore(self) -> None:
        """Give the variables back the values they had."""
        self._assign(self._values)

    def copy(self, others: Sequence[Any]) -> None:
        """Give the variables the values of others of the same shapes."""
        self._assign([other.numpy() for other in others])

    def _assign(self, values: Sequence[Any]) -> None:
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)
