"""What is measured after each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class History:
    """Numbers of the epochs so far.

    Attributes:
        values: for each quantity (loss, accuracy, val_..., learning_rate) one value per epoch.
        epoch_seconds: duration of each epoch, validation included, compilation not.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    epoch_seconds: list[float] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """Number of epochs so far."""
        return len(self.epoch_seconds)

    def fill(self, name: str, value: float) -> None:
        """Give the epochs that have no value of a quantity yet this one."""
        values = self.values.setdefault(name, [])
        values += [value] * (self.epochs - len(values))

    def add(self, logs: Mapping[str, float], seconds: float) -> None:
        """Add what an epoch gave and how long it took."""
        for name, value in logs.items():
            self.values.setdefault(name, []).append(float(value))
        self.epoch_seconds.append(seconds)
