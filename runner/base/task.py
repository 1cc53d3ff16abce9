"""What a network predicts: what every task has to say; see `runner.base.tasks`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Targets
from runner.base.objective import Objective
from runner.base.option_types import Loss, OutputActivation


@dataclass(frozen=True)
class Task(ABC):
    """What a network predicts.

    Attributes:
        names: of the classes, of the labels, or of the outputs.
        noun: for one of them.
        activation: what `model.output_activation=auto` stands for; see `runner.models.layers`.
        metric: computed by Keras beside the loss.
        objective: that trained networks are compared by.
    """

    names: list[str]
    noun: ClassVar[str]
    activation: ClassVar[OutputActivation]
    metric: ClassVar[str]
    objective: ClassVar[Objective]

    @property
    @abstractmethod
    def size(self) -> str:
        """Number of classes or outputs with their noun, such as `10 classes`."""

    @property
    @abstractmethod
    def fewest(self) -> int:
        """Smallest number of rows or images for validation."""

    @abstractmethod
    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the loss that `chosen` stands for.

        Args:
            chosen: as configured.
            soft_targets: whether targets are probabilities of classes rather than labels.
        """

    @abstractmethod
    def outputs(self, loss: Loss) -> int:
        """Return the number of outputs that a network needs for a loss."""

    @property
    @abstractmethod
    def widths(self) -> tuple[int, ...]:
        """Numbers of outputs that a network for this task can have."""

    @abstractmethod
    def encode(self, targets: Targets, loss: Loss) -> NDArray[Any]:
        """Encode targets for a loss, [n] or [n, outputs]."""

    @abstractmethod
    def measure(self, targets: Any, outputs: Any) -> Any:
        """Return `metric` for each item, [n], as Keras computes it.

        Args:
            targets: encoded for the loss, [n] or [n, outputs].
            outputs: of the network, [n, outputs].
        """

    @abstractmethod
    def thresholded(self, outputs: int) -> bool:
        """Whether each of so many outputs is a yes or no of its own, as those of sigmoids are."""

    @abstractmethod
    def fault(self, targets: Targets, kind: str) -> str:
        """Return how decoded targets contradict the names, or an empty string.

        Args:
            targets: labels [n] or [n, labels], or values [n, outputs].
            kind: of the split, training or test; part of the message.
        """

    @abstractmethod
    def strata(self, targets: Targets) -> Targets | None:
        """Return the labels whose proportions a split preserves, or None."""

    @abstractmethod
    def counts(self, targets: Targets) -> NDArray[np.int64]:
        """Return how many targets there are of each name, int64 [names]."""

    @abstractmethod
    def absent(self, targets: Targets) -> list[str]:
        """Return the names that do not occur among the targets."""
