"""What the figures of a trained network look at."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.device import Device
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.config.component import parse_component
from runner.config.dataset_config import OwnPictures
from runner.datasets.picture_files import refusing_bombs
from runner.datasets.splits import Dataset
from runner.evaluation.assessment import predicted
from runner.evaluation.probabilities import predict_probabilities
from runner.figures import image_selection
from runner.figures.finished_run import ClassificationRun, FinishedRun, SelectedImages, finished_run
from runner.models import saved_networks
from runner.predict.inputs import input_pictures
from runner.predict.inputs.class_names import label_of
from runner.predict.inputs.picture_fitting import Frame, fit_picture
from runner.tracking.trained_network import Trained


def build(
    trained: Trained, data: Dataset, asked: Namespace, device: Device, like: OwnPictures
) -> FinishedRun:
    """Load a network and what its run left, and predict the test images where it did not.

    Args:
        trained: the network.
        data: to be recognized.
        asked: the command line; its `scale`, `language`, and choice of images.
        device: to predict on.
        like: how the user's own pictures are made like those of the data set.

    Raises:
        RunnerError: the file holds no network, or one for other images or classes.
    """
    if trained.node and asked.scale:
        raise ConfigurationError(f"--scale {asked.scale}: networks of runs scale pixels themselves")
    model, shape = saved_networks.load_network(trained.network), data.test.images.shape[1:]
    if trained.folder is None:
        model = saved_networks.taking_pixels(model, shape, asked.scale, trained.network.name)
    saved_networks.check_input(model, shape, trained.network.name)
    saved_networks.check_output(model, data.task, trained.network.name)
    subject = finished_run(
        data,
        _predicted(trained.folder, model, data, device),
        model=model,
        history=_history(trained.folder),
        language=asked.language or trained.language,
        train=data.train,
        folder=trained.folder,
        augmentation={
            name: parse_component(node)
            for name, node in trained.node.get("augmentation", {}).items()
        },
        environment=_environment(trained.folder),
    )
    return replace(subject, selected=_chosen(subject, asked, like))


def verdicts(subject: FinishedRun, device: Device) -> list[str]:
    """Say what the network takes each chosen image for."""

    if subject.selected is None or not isinstance(subject, ClassificationRun):
        return []
    given = predict_probabilities(subject.model, subject.selected.images, device.is_gpu)
    return [
        f"{name}: {subject.class_names[row.argmax()]} ({row.max():.2f})"
        for name, row in zip(subject.selected.names, given, strict=True)
    ]


def _predicted(
    folder: Path | None, model: keras.Model, data: Dataset, device: Device
) -> NDArray[np.float32]:
    """Return what the run predicted, unless that is not there or of other images."""
    if folder and (folder / "predictions.npz").is_file():
        with np.load(folder / "predictions.npz", allow_pickle=False) as kept:
            numbers = "targets" in kept
            true, told = ("targets", "predictions") if numbers else ("labels", "probabilities")
            if np.array_equal(kept[true], data.test.answers):
                return np.asarray(kept[told])

    return predicted(model, data.test.images, data.task, device.is_gpu)


def _history(folder: Path | None) -> dict[str, list[float]]:
    if folder is None or not (folder / "history.json").is_file():
        return {}
    history: dict[str, list[float]] = json.loads((folder / "history.json").read_text("utf-8"))
    return history


def _environment(folder: Path | None) -> dict[str, str]:
    """Return what a run noted, or, of one seed, the run of all of them."""
    for place in [folder, folder.parent] if folder else []:
        if (place / "environment.json").is_file():
            noted: dict[str, str] = json.loads((place / "environment.json").read_text("utf-8"))
            return noted
    return {}


def _chosen(subject: FinishedRun, asked: Namespace, like: OwnPictures) -> SelectedImages | None:
    if not (asked.files or asked.images or asked.classes):
        return None
    if not subject.has_pictures or not isinstance(subject, ClassificationRun):
        raise ConfigurationError("no images can be chosen: the data set is a table")
    if asked.files:
        return _from_files(asked.files, Frame(subject.images.shape[1:], like))
    if asked.images:
        return image_selection.by_index(subject, asked.images)
    labels = [_label(word, subject.class_names) for word in asked.classes]
    return image_selection.by_class(subject, labels, asked.each)


def _from_files(paths: Sequence[Path], frame: Frame) -> SelectedImages:
    """Read the user's own pictures as `python -m runner.predict` does."""
    with refusing_bombs():
        images = [
            fit_picture(input_pictures.read_picture(path, frame.like.background), frame)[0]
            for path in paths
        ]
    return SelectedImages(np.stack(images), None, [path.name for path in paths])


def _label(word: str, names: list[str]) -> int:
    label = label_of(word, [names])
    if label is not None:
        return label
    near = get_close_matches(word, names, n=2, cutoff=0.4) or names
    raise ConfigurationError(f"there is no class {word!r}; did you mean {' or '.join(near)}?")
