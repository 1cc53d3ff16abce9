"""Splits of a data set: images and targets for training, validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from runner.base.array_types import Images, Labels, RegressionValues, Targets
from runner.base.tasks import Task


@dataclass(frozen=True)
class _Split:
    """Images with their targets, in stored order.

    Attributes:
        images: uint8 [n, height, width, channels]; of a table float32 [n, features].
        targets: labels, int64 [n], each in 0 .. number of classes - 1, or 0 and 1, [n, labels], or
            values, float32 [n, outputs].
        examples: hash of the images and their order; see `runner.datasets.loader`.
    """

    images: Images
    targets: Targets
    examples: str = ""

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def labels(self) -> Labels:
        """The targets of a classification, int64 [n], or those of several labels, [n, labels]."""
        return cast(Labels, self.targets)

    @property
    def numbers(self) -> RegressionValues:
        """The targets of a regression, float32 [n, outputs]."""
        return cast(RegressionValues, self.targets)


@dataclass(frozen=True)
class TrainSplit(_Split):
    """Images that training may see: for fitting, or for validation."""


@dataclass(frozen=True)
class TestSplit(_Split):
    """Images that only the evaluation may see, once, after training.

    It is no `TrainSplit`, so that the type checker refuses it wherever training takes data.
    """

    __test__ = False  # no test case, whatever pytest thinks of the name


@dataclass(frozen=True)
class Dataset:
    """A data set, ready for training and evaluation.

    Attributes:
        name: its name on the command line.
        task: what is predicted for each image.
        train: images to fit on.
        validation: images that training is monitored on, or None.
        test: images for the evaluation alone.
        digests: SHA-256 of the decoded arrays it was made from.
        dark: whether its gray images are light on dark ground.
        feature_names: of the columns of a table, where they are known.
    """

    name: str
    task: Task
    train: TrainSplit
    validation: TrainSplit | None
    test: TestSplit
    digests: dict[str, str] = field(default_factory=dict)
    dark: bool = False
    feature_names: Sequence[str] = ()

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.task.names)

    @property
    def class_names(self) -> list[str]:
        """One name for each label."""
        return self.task.names


@dataclass(frozen=True)
class UsedData:
    """Data that a run used, and for what.

    Attributes:
        context: training, validation or test.
        name: of the data set.
        digest: of the content and the part of it, at most 36 characters.
        source: address that the files come from, or words.
        shape: of the images or rows, their number first.
        dtype: of the same.
    """

    context: str
    name: str
    digest: str
    source: str
    shape: tuple[int, ...]
    dtype: str
