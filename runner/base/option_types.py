"""Types of configuration values, with their ranges; pydantic checks them."""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field


class Role(Enum):
    """The meaning of an option, independent of its name.

    A role is part of the type of an option, for example `Annotated[int, Role.ROWS]`, and is
    declared by the function that has the option.
    """

    MONITOR = "a monitored quantity of the history; val_... needs validation images"
    KIND = "which of several things is built; part of what runs are told apart by, changed or not"
    ROWS = "a number of rows; a baseline is not fitted on fewer"


Count = Annotated[int, Field(ge=1)]
RowCount = Annotated[int, Field(ge=1), Role.ROWS]
Natural = Annotated[int, Field(ge=0)]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Pixel = Annotated[float, Field(ge=0, le=255)]


def _rising(ends: list[float]) -> list[float]:
    if len(ends) != 2 or not ends[0] < ends[1]:  # noqa: PLR2004
        raise ValueError("should be [low, high], the lower number first")
    return ends


def _folder_name(name: str) -> str:
    """Refuse what no folder is called on one of Linux, macOS and Windows: outputs are carried."""
    wrong = re.search(r'[/\\<>:"|?*\x00-\x1f\x7f]', name) or not name.strip(". ")
    device = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE)
    if wrong or device or name[-1] in ". " or len(name.encode()) > _LONGEST_NAME:
        raise ValueError(
            'should be a name that a folder can have: none of / \\ < > : " | ? *, no dot or space '
            f"at its end, no device of Windows such as nul, at most {_LONGEST_NAME} bytes"
        )
    return name


Name = Annotated[str, BeforeValidator(lambda name: str(name) if type(name) is int else name)]
"""A name, of a column or a class, which YAML takes for a number where it is one."""

_LONGEST_NAME = 120
FolderName = Annotated[str, AfterValidator(_folder_name)]
"""A name that files or folders of the program are called by, and so never a path."""

Interval = Annotated[list[float], AfterValidator(_rising)]

Language = Literal["en", "pt"]
LANGUAGES = get_args(Language)
Items = Literal["images", "rows"]
"""What the examples of a data set are called."""

FigureFormat = Literal["png", "svg", "pdf"]
ColorMap = Literal[
    "gray",
    "gray_r",
    "viridis",
    "viridis_r",
    "cividis",
    "cividis_r",
    "inferno",
    "inferno_r",
    "magma",
    "magma_r",
    "coolwarm",
    "coolwarm_r",
]
"""Color maps of Matplotlib; one that ends in _r runs the other way. gray is black at low values."""

Fit = Literal["mnist", "tight", "pad", "crop", "stretch"]
Interpolation = Literal["bilinear", "nearest"]
Background = Literal["dark", "light"]

Activation = Literal[
    "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softmax", "linear"
]
Normalization = Literal[
    "inverted", "inverted_unit", "unit", "percent", "adapted", "adapted_columns", "none"
]
OutputActivation = Literal["auto", "softmax", "sigmoid", "linear", "scaled", "logits"]
Pooling = Literal["max", "average"]
Padding = Literal["valid", "same"]
Initializer = Literal[
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "orthogonal",
    "random_uniform",
    "random_normal",
    "truncated_normal",
    "zeros",
]
Monitor = Annotated[Literal["loss", "accuracy", "val_loss", "val_accuracy"], Role.MONITOR]
Loss = Literal[
    "auto",
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "mean_squared_error",
]
