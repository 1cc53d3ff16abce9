"""What a figure may look at: a trained network, its test images and what it made of them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.component import Component
from runner.datasets.splits import Images, Labels, TrainSplit
from runner.ranges import Language


@dataclass(frozen=True)
class Chosen:
    """Images that somebody wants to see in figures of single images.

    Attributes:
        images: uint8, [n, height, width, channels].
        labels: int64, [n], or None where nobody knows.
        names: one for each image.
    """

    images: Images
    labels: Labels | None
    names: list[str]


@dataclass(frozen=True)
class Subject:
    """A finished run, as seen by the figures.

    Attributes:
        model: keras.Model; takes raw pixels 0..255 and ends in softmax or one sigmoid unit.
        images: test images, uint8, [n, height, width, channels]; of a table float32 [n, features].
        labels: int64, [n].
        probabilities: float32, [n, classes]; two columns for binary tasks too.
        class_names: one for each label, in `language`.
        history: values per epoch of loss, accuracy, val_loss, val_accuracy, learning_rate,
            as far as they were recorded.
        language: of all texts in the figures.
        train: what the network was fitted on, or None where it is not at hand.
        kernels: the first convolution's kernels before training and after every epoch, each
            [height, width, channels, filters], or None where they were not kept.
        chosen: images for the figures of single images; None leaves the choice to each figure.
        augmentation: the changes made to training images, by name and in their order.
        environment: versions and hardware the run had, by name; empty where nobody knows.
    """

    model: Any
    images: Images
    labels: Labels
    probabilities: NDArray[np.float32]
    class_names: list[str]
    history: dict[str, list[float]] = field(default_factory=dict)
    language: Language = "en"
    train: TrainSplit | None = None
    kernels: list[NDArray[np.float32]] | None = None
    chosen: Chosen | None = None
    augmentation: dict[str, Component] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def has_pictures(self) -> bool:
        """Whether its images can be drawn, as the features of a table cannot."""
        return self.images.ndim == 4  # noqa: PLR2004

    @property
    def predictions(self) -> Labels:
        """The most probable label of each test image."""
        labels: Labels = np.argmax(self.probabilities, axis=1)
        return labels
