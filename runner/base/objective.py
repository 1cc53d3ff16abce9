"""The objective of a task: the metric that networks are compared by; smaller is better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SPLITS = ("validation", "test")


@dataclass(frozen=True)
class Objective:
    """A metric to be minimized: its names in reports and in Keras, and its formats.

    Attributes:
        name: after `test_` or `validation_` in `report.json` and in MLflow.
        title: its name for people.
        unit: of displayed values, or an empty string.
        scale: factor from stored to displayed values.
        keras_metric: Keras' name of the validation metric that it is computed from.
        best: value of that Keras metric for a perfect network.
        value_format: of the value of one network.
        mean_format: of the mean and the standard deviation over several networks.
        largest: value that is possible, before scaling.
    """

    name: str
    title: str
    unit: str
    scale: float
    keras_metric: str
    best: float
    value_format: str
    mean_format: str
    largest: float = math.inf

    def metric_name(self, split: str) -> str:
        """Return the name of the metric for a split, in `report.json` and in MLflow."""
        return f"{split}_{self.name}"

    def validation_value(self, logs: Mapping[str, float]) -> float:
        """Return the value on the validation data, from Keras' metrics of an epoch."""
        return abs(self.best - logs[self.keras_metric])

    def text(self, value: float) -> str:
        """Format the value of one network, with the unit."""
        return self.with_unit(format(self.scale * value, self.value_format))

    def mean_text(self, mean: float, sd: float | None) -> str:
        """Format the mean of several networks, and their standard deviation unless it is None."""
        texts = (
            format(self.scale * value, self.mean_format)
            for value in (mean, sd)
            if value is not None
        )
        return self.with_unit(" ± ".join(texts))

    def with_unit(self, text: str) -> str:
        """Append the unit to a formatted value."""
        return f"{text} {self.unit}" if self.unit else text

    @property
    def label(self) -> str:
        """Title and unit, for axes and column headers."""
        return f"{self.title} / {self.unit}" if self.unit else self.title


ERROR = Objective("error", "error", "%", 100, "val_accuracy", 1.0, ".2f", ".3f", 1.0)
"""Fraction of wrong classes, displayed in per cent."""

MSE = Objective("mse", "MSE", "", 1, "val_loss", 0.0, ".4g", ".3g")
"""Mean squared error over all rows and outputs."""

OBJECTIVES = (ERROR, MSE)


def objective_of(names: Iterable[str]) -> Objective:
    """Return the objective that is among metrics of these names; the error rate if none is."""
    present = {name.partition(".")[0] for name in names}
    objectives = (
        objective
        for objective in OBJECTIVES
        if present & {objective.metric_name(split) for split in SPLITS}
    )
    return next(objectives, ERROR)


def objective_values(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the objective among metrics, for each split that has one."""
    objective = objective_of(metrics)
    return {
        split: metrics[objective.metric_name(split)]
        for split in SPLITS
        if objective.metric_name(split) in metrics
    }
