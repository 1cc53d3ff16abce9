"""A finished run, loaded from its folder for figures drawn later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.console import note
from runner.base.device import Device
from runner.base.errors import ConfigurationError
from runner.base.language import written
from runner.base.lazy import keras
from runner.base.option_types import Language, Normalization
from runner.base.stored_files import read_json, reading
from runner.base.suggestions import nearest_or_all
from runner.config.component import parse_component
from runner.config.dataset_config import OwnPictures
from runner.config.groups import AUGMENTATION
from runner.datasets.picture_files import refusing_bombs
from runner.datasets.splits import Dataset
from runner.evaluation.predictions import FILES
from runner.evaluation.predictions_file import are_of_others
from runner.evaluation.probabilities import predict_probabilities
from runner.evaluation.task_predictions import predicted
from runner.figures import image_selection
from runner.figures.finished_run import ClassificationRun, FinishedRun, SelectedImages, finished_run
from runner.models import saved_networks
from runner.predict.inputs import input_pictures
from runner.predict.inputs.input_files import list_input_files
from runner.predict.inputs.picture_fitting import Frame, fit_picture
from runner.predict.inspect_arguments import ImageChoice
from runner.predict.predict_language import OTHERS, in_language
from runner.predict.prediction_task import label_of
from runner.tracking.trained_network import TrainedNetwork


def load_run(
    trained: TrainedNetwork,
    data: Dataset,
    scale: Normalization | None,
    language: Language,
    device: Device,
) -> FinishedRun:
    """Load a network and what its run left, and predict the test images where it did not.

    Args:
        trained: the network.
        data: to be recognized.
        scale: of pixels, for the network of a mere file without a layer for that.
        language: of the figures.
        device: to predict on.

    Raises:
        RunnerError: the file holds no network, or one for other images or classes.
    """
    if trained.configuration and scale:
        raise ConfigurationError(f"--scale {scale}: networks of runs scale pixels themselves")
    model, shape = saved_networks.load_network(trained.network), data.test.images.shape[1:]
    if trained.folder is None:
        model = saved_networks.taking_pixels(model, shape, scale, trained.network.name)
    saved_networks.check_input(model, shape, trained.network.name)
    saved_networks.check_output(model, data.task, trained.network.name)
    if trained.folder is None:
        model = saved_networks.giving_probabilities(model, data.task)
    return finished_run(
        data,
        _predicted(trained.folder, model, data, device, language),
        model=model,
        history=_history(trained.folder),
        language=language,
        train=data.train,
        folder=trained.folder,
        augmentation={
            name: parse_component(component, AUGMENTATION)
            for name, component in (trained.configured("augmentation") or {}).items()
        },
        environment=_environment(trained.folder),
        threshold=trained.threshold,
    )


def load_weights(trained: TrainedNetwork, language: Language) -> FinishedRun:
    """Load the network of a mere file for figures of its weights: without images, at any scale.

    Raises:
        DataError: the file holds no network.
    """
    model = saved_networks.load_network(trained.network)
    return FinishedRun(model=model, images=np.zeros((0, 1, 1, 1), np.uint8), language=language)


def choose_images(run: FinishedRun, choice: ImageChoice, like: OwnPictures) -> FinishedRun:
    """Return a run whose figures show the chosen images, if any.

    Args:
        run: the finished run.
        choice: test images, or the user's own pictures.
        like: how those are made like the pictures of the data set.

    Raises:
        RunnerError: there are no such images, or the data set is a table.
    """
    if not choice:
        return run
    if not run.has_pictures:
        raise ConfigurationError("no images can be chosen: the data set is a table")
    if not isinstance(run, ClassificationRun):
        raise ConfigurationError(
            "no images can be chosen: only figures of a network that predicts one class show them"
        )
    return replace(run, selected=_selected(run, choice, like))


def describe_chosen(run: FinishedRun, device: Device) -> list[str]:
    """Return a line for each chosen image: its most probable class, and how probable it is."""
    if run.selected is None or not isinstance(run, ClassificationRun):
        return []
    probabilities = predict_probabilities(run.model, run.selected.images, device.is_gpu)
    return [
        f"{name}: {run.class_names[row.argmax()]} ({written(f'{row.max():.2f}', run.language)})"
        for name, row in zip(run.selected.names, probabilities, strict=True)
    ]


def _predicted(
    folder: Path | None, model: keras.Model, data: Dataset, device: Device, language: Language
) -> NDArray[np.float32]:
    """Return what the run predicted, unless that is not there or of other images."""
    path = folder / FILES["test"] if folder else None
    if path and path.is_file():
        if not are_of_others(path, data.test):
            with reading(path), np.load(path, allow_pickle=False) as stored:
                outputs = "predictions" if "targets" in stored else "probabilities"
                return np.asarray(stored[outputs])
        note(in_language(OTHERS, language))
    return predicted(model, data.test.images, data.task, device.is_gpu)


def _history(folder: Path | None) -> dict[str, list[float]]:
    if folder is None or not (folder / "history.json").is_file():
        return {}
    history = read_json(folder / "history.json")
    with reading(folder / "history.json"):
        return {name: [float(value) for value in values] for name, values in history.items()}


def _environment(folder: Path | None) -> dict[str, str]:
    """Return what a run noted, or, of one seed, the run of all of them."""
    for path in [folder, folder.parent] if folder else []:
        if (path / "environment.json").is_file():
            return read_json(path / "environment.json")
    return {}


def _selected(run: ClassificationRun, choice: ImageChoice, like: OwnPictures) -> SelectedImages:
    if choice.files:
        return _from_files(choice.files, Frame(run.images.shape[1:], like))
    if choice.indices:
        return image_selection.by_index(run, choice.indices)
    labels = [_label(word, run.class_names) for word in choice.classes or []]
    return image_selection.by_class(run, labels, choice.each)


def _from_files(paths: Sequence[Path], frame: Frame) -> SelectedImages:
    """Read the user's own pictures as `python -m runner.predict` does, those in folders too."""
    found, _ = list_input_files(paths, is_table=False)
    files = [p for p in found if p in paths or p.suffix.lower() in input_pictures.SUFFIXES]
    with refusing_bombs():
        images = [
            fit_picture(input_pictures.read_picture(path, frame.like.background), frame)[0]
            for path in files
        ]
    return SelectedImages(np.stack(images), None, [path.name for path in files])


def _label(word: str, names: list[str]) -> int:
    label = label_of(word, [names])
    if label is not None:
        return label
    raise ConfigurationError(f"--classes: there is no class {word!r}{nearest_or_all(word, names)}")
