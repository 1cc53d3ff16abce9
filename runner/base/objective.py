"""What trained networks are compared by; the smaller, the better."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SPLITS = ("validation", "test")


@dataclass(frozen=True)
class Objective:
    """A number that the evaluation of a network gives.

    Attributes:
        name: after `test_` or `validation_` in `report.json` and in MLflow.
        title: for people.
        unit: of what is shown, or nothing.
        scale: from what is kept to what is shown.
        watched: its value on the validation data after an epoch, as Keras names it.
        best: that value of a perfect network.
        single: format of one network's value.
        mean: format of the mean and the standard deviation over several.
    """

    name: str
    title: str
    unit: str
    scale: float
    watched: str
    best: float
    single: str
    mean: str

    def of(self, split: str) -> str:
        """Return its key in `report.json` and in MLflow."""
        return f"{split}_{self.name}"

    def epoch(self, logs: Mapping[str, float]) -> float:
        """Return its value on the validation data after an epoch."""
        return abs(self.best - logs[self.watched])

    def text(self, value: float) -> str:
        """Say the value of one network."""
        return self.with_unit(format(self.scale * value, self.single))

    def average(self, mean: float, sd: float | None) -> str:
        """Say the mean of several networks, and their standard deviation where there is one."""
        texts = (format(self.scale * value, self.mean) for value in (mean, sd) if value is not None)
        return self.with_unit(" ± ".join(texts))

    def with_unit(self, text: str) -> str:
        """Put the unit after a number, or after numbers."""
        return f"{text} {self.unit}" if self.unit else text

    @property
    def label(self) -> str:
        """Its title with the unit, for axes and the heads of columns."""
        return f"{self.title} / {self.unit}" if self.unit else self.title


ERROR = Objective("error", "error", "%", 100, "val_accuracy", 1.0, ".2f", ".3f")
"""Fraction that is given a wrong class, shown in per cent."""

MSE = Objective("mse", "MSE", "", 1, "val_loss", 0.0, ".4g", ".3g")
"""Mean squared error over all rows and outputs."""

OBJECTIVES = (ERROR, MSE)


def objective_of(names: Iterable[str]) -> Objective:
    """Return the measure that numbers of these names hold, the error rate where there is none."""
    held = {name.partition(".")[0] for name in names}
    holding = (m for m in OBJECTIVES if held & {m.of(split) for split in SPLITS})
    return next(holding, ERROR)


def objective_values(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what numbers hold of their measure, by split."""
    objective = objective_of(numbers)
    return {
        split: numbers[objective.of(split)] for split in SPLITS if objective.of(split) in numbers
    }
