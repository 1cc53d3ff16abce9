"""Tasks: what networks predict, with names, targets, losses and metrics.

This module is the only one in which they differ in these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from runner.base import losses
from runner.base.array_types import Labels, Targets
from runner.base.lazy import keras
from runner.base.objective import ERROR, MSE
from runner.base.option_types import Loss
from runner.base.task import Task

__all__ = ["Classification", "MultiLabel", "Regression", "Task"]


@dataclass(frozen=True)
class Classification(Task):
    """Prediction of one class per image; targets are labels, int64 [n]."""

    noun = "class"
    activation = "auto"
    metric = "accuracy"
    objective = ERROR

    @property
    def size(self) -> str:
        """Number of classes, such as `10 classes`."""
        return f"{len(self.names)} classes"

    @property
    def fewest(self) -> int:
        """One image of each class."""
        return len(self.names)

    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the loss that `chosen` stands for; see `runner.base.losses.resolve_loss`."""
        return losses.resolve_loss(chosen, len(self.names), soft_targets)

    def outputs(self, loss: Loss) -> int:
        """Return one output for each class, or one for two classes."""
        return losses.output_count(loss, len(self.names))

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of classes; for two classes one output as well."""
        return (1, 2) if len(self.names) == 2 else (len(self.names),)  # noqa: PLR2004

    def encode(self, targets: Targets, loss: Loss) -> NDArray[Any]:
        """Encode labels; see `runner.base.losses.encode_targets`."""
        return losses.encode_targets(cast("Labels", targets), loss, len(self.names))

    def measure(self, targets: Any, outputs: Any) -> Any:
        """Return 1 where the class is right, otherwise 0; see `Task.measure`."""
        if outputs.shape[-1] == 1:
            return keras.metrics.binary_accuracy(losses.decided(targets), outputs)
        if len(targets.shape) == 1:
            return keras.metrics.sparse_categorical_accuracy(targets, outputs)
        return keras.metrics.categorical_accuracy(targets, outputs)

    def thresholded(self, outputs: int) -> bool:
        """Whether there is one output for two classes."""
        return outputs == 1

    def fault(self, targets: Targets, kind: str) -> str:
        """Return which labels have no name, or an empty string."""
        if targets.min() >= 0 and targets.max() < len(self.names):
            return ""
        return f"names {self.size}, its {kind} labels are {targets.min()} to {targets.max()}"

    def strata(self, targets: Targets) -> Targets | None:
        """Return the labels themselves."""
        return targets

    def counts(self, targets: Targets) -> NDArray[np.int64]:
        """Return the number of labels of each class."""
        return np.bincount(cast("Labels", targets), minlength=len(self.names))

    def absent(self, targets: Targets) -> list[str]:
        """Return the names of classes without a label."""
        present = set(targets.tolist())
        return [name for label, name in enumerate(self.names) if label not in present]


@dataclass(frozen=True)
class MultiLabel(Task):
    """Prediction of any number of labels per image; targets are 0 or 1, [n, labels]."""

    noun = "label"
    activation = "sigmoid"
    metric = "accuracy"
    objective = ERROR

    @property
    def size(self) -> str:
        """Number of labels, such as `3 labels`."""
        return f"{len(self.names)} label{'s' if len(self.names) > 1 else ''}"

    @property
    def fewest(self) -> int:
        """One image."""
        return 1

    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the binary cross-entropy; `runner.config.task_checks` refuses other losses."""
        del chosen, soft_targets
        return "binary_crossentropy"

    def outputs(self, loss: Loss) -> int:
        """Return one output for each label."""
        del loss
        return len(self.names)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of labels."""
        return (len(self.names),)

    def encode(self, targets: Targets, loss: Loss) -> NDArray[Any]:
        """Return the targets as float32 [n, labels]."""
        del loss
        return targets.astype(np.float32)

    def measure(self, targets: Any, outputs: Any) -> Any:
        """Return the share of labels that are decided rightly; see `Task.measure`."""
        return keras.metrics.binary_accuracy(losses.decided(targets), outputs)

    def thresholded(self, outputs: int) -> bool:
        """Return True."""
        del outputs
        return True

    def fault(self, targets: Targets, kind: str) -> str:
        """Return why there is not one 0 or 1 for each label, or an empty string."""
        if targets.ndim != 2 or targets.shape[1] != len(self.names):  # noqa: PLR2004
            return f"names {self.size}, its {kind} targets have the shape {targets.shape}"
        others = targets[(targets != 0) & (targets != 1)]
        if not others.size:
            return ""
        return f"names labels, so that targets are 0 or 1; among its {kind} ones is {others[0]:g}"

    def strata(self, targets: Targets) -> Targets | None:
        """Return None: of some combinations of labels there may be a single image."""
        del targets
        return None

    def counts(self, targets: Targets) -> NDArray[np.int64]:
        """Return the number of images with each label."""
        return np.asarray(targets.sum(axis=0), np.int64)

    def absent(self, targets: Targets) -> list[str]:
        """Return the names of labels that no image has."""
        return [name for name, has in zip(self.names, self.counts(targets), strict=True) if not has]


@dataclass(frozen=True)
class Regression(Task):
    """Prediction of one or more values per row; targets are float32 [n, outputs]."""

    noun = "output"
    activation = "scaled"
    metric = "mean_absolute_error"
    objective = MSE

    @property
    def size(self) -> str:
        """Number of outputs, such as `2 outputs`."""
        return f"{len(self.names)} output{'s' if len(self.names) > 1 else ''}"

    @property
    def fewest(self) -> int:
        """One row."""
        return 1

    def loss(self, chosen: Loss, soft_targets: bool) -> Loss:
        """Return the mean squared error; `runner.config.checks` refuses other losses."""
        del chosen, soft_targets
        return "mean_squared_error"

    def outputs(self, loss: Loss) -> int:
        """Return one output for each name."""
        del loss
        return len(self.names)

    @property
    def widths(self) -> tuple[int, ...]:
        """The number of names."""
        return (len(self.names),)

    def encode(self, targets: Targets, loss: Loss) -> NDArray[Any]:
        """Return the targets unchanged."""
        del loss
        return targets

    def measure(self, targets: Any, outputs: Any) -> Any:
        """Return the mean absolute error over the outputs; see `Task.measure`."""
        return keras.metrics.mean_absolute_error(targets, outputs)

    def thresholded(self, outputs: int) -> bool:
        """Return False: values are not decided."""
        del outputs
        return False

    def fault(self, targets: Targets, kind: str) -> str:
        """Return why there is not one finite value for each name, or an empty string."""
        if targets.ndim != 2 or targets.shape[1] != len(self.names):  # noqa: PLR2004
            return f"names {self.size}, its {kind} targets have the shape {targets.shape}"
        finite = np.isfinite(targets).all()
        return "" if finite else f"names numbers, but some {kind} targets are not finite"

    def strata(self, targets: Targets) -> Targets | None:
        """Return None: a regression has no classes to preserve proportions of."""
        del targets
        return None

    def counts(self, targets: Targets) -> NDArray[np.int64]:
        """Return the number of rows, once for each output."""
        return np.full(len(self.names), len(targets))

    def absent(self, targets: Targets) -> list[str]:
        """Return no names: each row has a value for each output."""
        del targets
        return []
