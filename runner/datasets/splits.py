"""Images and labels of a data set, by what may be done with them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8 | np.float32]
"""Pixels of images, uint8 [n, height, width, channels], or features of a table, float32 [n, f]."""
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class _Split:
    """Images with their labels, in the order in which they are stored.

    Attributes:
        images: uint8, [n, height, width, channels]; of a table float32, [n, features].
        labels: int64, [n], each in 0 .. number of classes - 1.
    """

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class TrainSplit(_Split):
    """What training may see: the training images, or those split off for validation."""


@dataclass(frozen=True)
class TestSplit(_Split):
    """What only the evaluation may see, once, after training.

    It is no `TrainSplit`, so that the type checker refuses it wherever training takes data.
    """

    __test__ = False  # no test case, whatever pytest thinks of the name


@dataclass(frozen=True)
class Dataset:
    """A data set, ready for training and evaluation.

    Attributes:
        name: its name on the command line.
        class_names: one for each label.
        train: images to fit on.
        validation: images watched during training, or None.
        test: images for the evaluation alone.
        digests: SHA-256 of the decoded arrays it was made from.
    """

    name: str
    class_names: list[str]
    train: TrainSplit
    validation: TrainSplit | None
    test: TestSplit
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)
