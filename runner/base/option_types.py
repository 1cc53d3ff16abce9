"""Types of configuration values, with their ranges; pydantic checks them."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field


class Role(Enum):
    """The meaning of an option, independent of its name.

    A role is part of the type of an option, for example `Annotated[int, Role.ROWS]`, and is
    declared by the function that has the option.
    """

    MONITOR = "a monitored quantity of the history; val_... needs validation images"
    ROWS = "a number of rows; a baseline is not fitted on fewer"


Count = Annotated[int, Field(ge=1)]
RowCount = Annotated[int, Field(ge=1), Role.ROWS]
Natural = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1)]


def _rising(ends: list[float]) -> list[float]:
    if len(ends) != 2 or not ends[0] < ends[1]:  # noqa: PLR2004
        raise ValueError("should be [low, high], the lower number first")
    return ends


Interval = Annotated[list[float], AfterValidator(_rising)]

Language = Literal["en", "pt"]
Fit = Literal["mnist", "tight", "pad", "crop", "stretch"]
Background = Literal["dark", "light"]

Activation = Literal[
    "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softmax", "linear"
]
Normalization = Literal["inverted", "unit", "percent", "adapted", "adapted_columns", "none"]
OutputActivation = Literal["auto", "softmax", "sigmoid", "linear"]
Monitor = Annotated[Literal["loss", "accuracy", "val_loss", "val_accuracy"], Role.MONITOR]
Loss = Literal[
    "auto",
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "mean_squared_error",
]
