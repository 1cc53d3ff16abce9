"""Finished runs, of which figures are drawn: a network, its test images and its predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels, RegressionValues, items_of
from runner.base.option_types import Items, Language
from runner.base.tasks import Classification, MultiLabel, Regression, Task
from runner.config.component import Component
from runner.config.run_config import DEFAULT_THRESHOLD
from runner.datasets.splits import Dataset, TrainSplit
from runner.evaluation.label_predictions import decide
from runner.figures.paper import printable
from runner.figures.training_recorder import Recorder

Recorded = TypeVar("Recorded", bound=Recorder)


@dataclass(frozen=True)
class SelectedImages:
    """Images that a user selects for the figures of single images.

    Attributes:
        images: uint8, [n, height, width, channels].
        labels: int64, [n], or None where they are unknown.
        names: one for each image.
    """

    images: Images
    labels: Labels | None
    names: list[str]


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """A finished run of any task.

    Attributes:
        model: keras.Model; takes raw pixels 0..255, or the features of a table.
        images: test images, uint8, [n, height, width, channels]; of a table float32 [n, features];
            none of them where they stay untouched.
        history: values per epoch of loss, accuracy or mean_absolute_error, the same of the
            validation images with val_ before it, and learning_rate, as far as they were recorded.
        language: of all texts in the figures.
        train: training images with their targets, or None where they are not at hand.
        folder: of the files that the run saved, or None where there are none.
        selected: images for the figures of single images; None leaves the choice to each figure.
        augmentation: of the training images, by name and in the order it is applied.
        environment: versions and hardware of the run, by name; empty where they are unknown.
        threshold: probability above which an image has a label, where it can have several.
        dark: whether gray images are light on dark ground, and printed black on white.
        feature_names: of the columns of a table, where they are known.
    """

    model: Any
    images: Images
    history: dict[str, list[float]] = field(default_factory=dict)
    language: Language = "en"
    train: TrainSplit | None = None
    folder: Path | None = None
    selected: SelectedImages | None = None
    augmentation: dict[str, Component] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    threshold: float = DEFAULT_THRESHOLD
    dark: bool = True
    feature_names: Sequence[str] = ()

    def printed(self, images: Images) -> NDArray[np.uint8]:
        """Return images of this data set as on paper; see `runner.figures.paper`."""
        return printable(images, dark=self.dark)

    @property
    def items(self) -> Items:
        """What its examples are called."""
        return items_of(self.images)

    @property
    def has_pictures(self) -> bool:
        """Whether its images can be drawn, as the features of a table cannot."""
        return self.items == "images"

    def recording(self, recorder: type[Recorded]) -> Recorded | None:
        """Return what a recorder saved of the training; None where it did not record."""
        return None if self.folder is None else recorder.load(self.folder)


@dataclass(frozen=True, kw_only=True)
class ClassificationRun(FinishedRun):
    """A finished classification, binary ones included.

    Attributes:
        labels: int64, [n].
        probabilities: float32, [n, classes]; two columns for binary tasks too.
        class_names: one for each label, in `language`.
    """

    labels: Labels
    probabilities: NDArray[np.float32]
    class_names: list[str]

    @property
    def predictions(self) -> Labels:
        """The most probable label of each test image."""
        labels: Labels = np.argmax(self.probabilities, axis=1)
        return labels

    @property
    def names(self) -> list[str]:
        """Of the classes."""
        return self.class_names


@dataclass(frozen=True, kw_only=True)
class RegressionRun(FinishedRun):
    """A finished regression.

    Attributes:
        targets: float32, [n, outputs].
        predictions: float32, [n, outputs].
        output_names: one for each of them, in `language`.
    """

    targets: RegressionValues
    predictions: RegressionValues
    output_names: list[str]

    @property
    def names(self) -> list[str]:
        """Of the outputs."""
        return self.output_names


@dataclass(frozen=True, kw_only=True)
class LabelRun(FinishedRun):
    """A finished classification with several labels per image.

    Attributes:
        labels: 0 or 1, [n, labels].
        probabilities: float32, [n, labels].
        label_names: one for each of them, in `language`.
    """

    labels: Labels
    probabilities: NDArray[np.float32]
    label_names: list[str]

    @property
    def predictions(self) -> Labels:
        """The labels that each test image is given, 0 or 1, [n, labels]."""
        return decide(self.probabilities, self.threshold)

    @property
    def names(self) -> list[str]:
        """Of the labels."""
        return self.label_names


def finished_run(
    data: Dataset, predicted: NDArray[np.float32] | None, **attributes: Any
) -> FinishedRun:
    """Return the finished run of a data set's task.

    Args:
        data: that it was tested on.
        predicted: of its test images; see `runner.evaluation.assessment.predicted`. None where
            these stay untouched: then only figures of the network and its training apply.
        attributes: the other ones of the run.
    """
    attributes |= {"dark": data.dark, "feature_names": data.feature_names}
    if predicted is None:
        return FinishedRun(images=data.test.images[:0], **attributes)
    return _RUNS[type(data.task)](data, predicted, images=data.test.images, **attributes)


def _classes(data: Dataset, predicted: NDArray[np.float32], **attributes: Any) -> FinishedRun:
    return ClassificationRun(
        labels=data.test.labels,
        probabilities=predicted,
        class_names=data.task.names,
        **attributes,
    )


def _labels(data: Dataset, predicted: NDArray[np.float32], **attributes: Any) -> FinishedRun:
    return LabelRun(
        labels=data.test.labels,
        probabilities=predicted,
        label_names=data.task.names,
        **attributes,
    )


def _numbers(data: Dataset, predicted: NDArray[np.float32], **attributes: Any) -> FinishedRun:
    return RegressionRun(
        targets=data.test.numbers,
        predictions=predicted,
        output_names=data.task.names,
        **attributes,
    )


_RUNS: dict[type[Task], Callable[..., FinishedRun]] = {
    Classification: _classes,
    MultiLabel: _labels,
    Regression: _numbers,
}
