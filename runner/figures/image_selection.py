"""Selection of images for the figures of single images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runner.base.errors import ConfigurationError
from runner.figures.finished_run import ClassificationRun, SelectedImages


def selected_images(run: ClassificationRun, images: Sequence[int] | None) -> SelectedImages | None:
    """Return the images selected for the run, or else those of an option; None without either."""
    if run.selected is not None or images is None:
        return run.selected
    return by_index(run, images)


def by_index(run: ClassificationRun, indices: Sequence[int]) -> SelectedImages:
    """Select test images by their index.

    Raises:
        ConfigurationError: there is no such test image.
    """
    beyond = [index for index in indices if not 0 <= index < len(run.labels)]
    if beyond:
        last = len(run.labels) - 1
        raise ConfigurationError(f"test image {beyond[0]}: expected an index from 0 to {last}")
    rows = np.asarray(indices, np.int64)
    names = [f"{run.class_names[run.labels[i]]} (#{i})" for i in rows]
    return SelectedImages(run.images[rows], run.labels[rows], names)


def by_class(run: ClassificationRun, labels: Sequence[int], each: int = 1) -> SelectedImages:
    """Select the first test images of classes: `each` of them every time a class is named."""
    found = [
        np.flatnonzero(run.labels == label)[: each * list(labels).count(label)]
        for label in dict.fromkeys(labels)
    ]
    return by_index(run, np.concatenate(found).tolist() if found else [])


def errors_and_right_ones(run: ClassificationRun, each: int = 4) -> SelectedImages:
    """Select the most confident errors, and the first right ones of as many classes."""
    confidence = run.probabilities.max(axis=1)
    wrong = np.flatnonzero(run.predictions != run.labels)
    errors = wrong[np.argsort(-confidence[wrong], kind="stable")][:each]
    right = np.flatnonzero(run.predictions == run.labels)
    firsts = right[np.unique(run.labels[right], return_index=True)[1]][:each]
    return by_index(run, [*errors.tolist(), *firsts.tolist()])
