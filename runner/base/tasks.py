"""What a network learns to tell: a class, or numbers. Here, and nowhere else, the two differ in
what is declared, encoded, minimized and watched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from runner.base import losses
from runner.base.array_types import Labels, Targets
from runner.base.objective import ERROR, MSE, Objective
from runner.base.option_types import Loss, OutputActivation


@dataclass(frozen=True)
class Task(ABC):
    """What a network learns to tell.

    Attributes:
        names: of the classes, or of the outputs.
        activation: what `model.output_activation=auto` stands for; see `runner.models.layers`.
        metric: that Keras computes beside the loss.
        measure: that trained networks are compared by.
    """

    names: list[str]
    activation: ClassVar[OutputActivation]
    metric: ClassVar[str]
    objective: ClassVar[Objective]

    @property
    @abstractmethod
    def size(self) -> str:
        """How many classes or outputs there are, for people."""

    @property
    @abstractmethod
    def fewest(self) -> int:
        """Number of rows or images that validation needs at least."""

    @abstractmethod
    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the loss that is meant; soft targets are more than class numbers."""

    @abstractmethod
    def outputs(self, loss: Loss) -> int:
        """Return the number of values a network must give for one image."""

    @property
    @abstractmethod
    def widths(self) -> tuple[int, ...]:
        """The numbers of outputs that a network for it can have."""

    @abstractmethod
    def targets(self, answers: Targets, loss: Loss) -> NDArray[Any]:
        """Encode answers for a loss, [n] or [n, outputs]."""

    @abstractmethod
    def fault(self, answers: Targets, kind: str) -> str:
        """Say what in decoded answers, of a kind, contradicts the names, or nothing."""

    @abstractmethod
    def strata(self, answers: Targets) -> Targets | None:
        """Return what a split keeps the proportions of, or None."""

    @abstractmethod
    def absent(self, answers: Targets) -> list[str]:
        """Return the names that none of these answers is an example of."""


@dataclass(frozen=True)
class Classification(Task):
    """Telling which of several classes an image shows; labels are int64 [n]."""

    activation = "auto"
    metric = "accuracy"
    objective = ERROR

    @property
    def size(self) -> str:
        """How many classes there are."""
        return f"{len(self.names)} classes"

    @property
    def fewest(self) -> int:
        """One image of each class."""
        return len(self.names)

    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the loss that is meant; see `runner.base.losses.resolve_loss`."""
        return losses.resolve_loss(chosen, len(self.names), soft_targets)

    def outputs(self, loss: Loss) -> int:
        """Return one output for each class, or one for two classes."""
        return losses.output_count(loss, len(self.names))

    @property
    def widths(self) -> tuple[int, ...]:
        """As many as there are classes, or one for two of them."""
        return (1, 2) if len(self.names) == 2 else (len(self.names),)  # noqa: PLR2004

    def targets(self, answers: Targets, loss: Loss) -> NDArray[Any]:
        """Encode labels; see `runner.base.losses.encode_targets`."""
        return losses.encode_targets(cast("Labels", answers), loss, len(self.names))

    def fault(self, answers: Targets, kind: str) -> str:
        """Say which labels have no name."""
        if answers.min() >= 0 and answers.max() < len(self.names):
            return ""
        return f"names {self.size}, its {kind} labels are {answers.min()} to {answers.max()}"

    def strata(self, answers: Targets) -> Targets | None:
        """Return the labels themselves."""
        return answers

    def absent(self, answers: Targets) -> list[str]:
        """Return the classes that no label names."""
        seen = set(answers.tolist())
        return [name for label, name in enumerate(self.names) if label not in seen]


@dataclass(frozen=True)
class Regression(Task):
    """Telling one or more numbers of each row; labels are float32 [n, outputs]."""

    activation = "linear"
    metric = "mean_absolute_error"
    objective = MSE

    @property
    def size(self) -> str:
        """How many outputs there are."""
        return f"{len(self.names)} output{'s' if len(self.names) > 1 else ''}"

    @property
    def fewest(self) -> int:
        """One row."""
        return 1

    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the squared error; `runner.config.checks` refuses whatever else is chosen."""
        del chosen, soft_targets
        return "mean_squared_error"

    def outputs(self, loss: Loss) -> int:
        """Return one output for each name."""
        del loss
        return len(self.names)

    @property
    def widths(self) -> tuple[int, ...]:
        """As many as there are names."""
        return (len(self.names),)

    def targets(self, answers: Targets, loss: Loss) -> NDArray[Any]:
        """Return the numbers as they are."""
        del loss
        return answers

    def fault(self, answers: Targets, kind: str) -> str:
        """Say whether there is not one finite number for each name."""
        if answers.ndim != 2 or answers.shape[1] != len(self.names):  # noqa: PLR2004
            return f"names {self.size}, its {kind} targets have the shape {answers.shape}"
        finite = np.isfinite(answers).all()
        return "" if finite else f"names numbers, but some {kind} targets are not finite"

    def strata(self, answers: Targets) -> Targets | None:
        """Return None: no two rows need have the same numbers."""
        del answers
        return None

    def absent(self, answers: Targets) -> list[str]:
        """Return nothing: each row has a number for each name."""
        del answers
        return []
