"""Which images the figures of single images show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runner.base.errors import ConfigurationError
from runner.figures.finished_run import Chosen, Subject


def shown(subject: Subject, images: Sequence[int] | None) -> Chosen | None:
    """Return the images that somebody chose, or else those of an option; None without either."""
    if subject.chosen is not None or images is None:
        return subject.chosen
    return by_index(subject, images)


def by_index(subject: Subject, indices: Sequence[int]) -> Chosen:
    """Choose test images by their place.

    Raises:
        ConfigurationError: there is no such test image.
    """
    beyond = [index for index in indices if not 0 <= index < len(subject.labels)]
    if beyond:
        last = len(subject.labels) - 1
        raise ConfigurationError(f"test image {beyond[0]}: expected an index from 0 to {last}")
    chosen = np.asarray(indices, np.int64)
    names = [f"{subject.class_names[subject.labels[i]]} (#{i})" for i in chosen]
    return Chosen(subject.images[chosen], subject.labels[chosen], names)


def by_class(subject: Subject, labels: Sequence[int], each: int = 1) -> Chosen:
    """Choose the first test images of classes: so many each time a class is named."""
    found = [
        np.flatnonzero(subject.labels == label)[: each * list(labels).count(label)]
        for label in dict.fromkeys(labels)
    ]
    return by_index(subject, np.concatenate(found).tolist() if found else [])
