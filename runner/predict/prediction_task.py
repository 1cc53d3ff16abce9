"""The task of a trained network: what it predicts, and how inputs are made ready for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from runner.base.errors import ConfigurationError
from runner.base.option_types import Background, Fit, Language
from runner.base.suggestions import nearest_or_all
from runner.base.tasks import Classification, Task
from runner.config.dataset_config import DatasetConfig, OwnPictures
from runner.config.dataset_titles import title_in_language
from runner.config.run_config import DEFAULT_THRESHOLD
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.network_arguments import listed_names
from runner.predict.predict_arguments import AS_IS, PredictArguments
from runner.tracking.trained_network import TrainedNetwork


@dataclass(frozen=True)
class PredictionTask:
    """The task of a trained network.

    Attributes:
        task: classes or numbers, with names in the language of the output.
        translations: for each language, the names of all classes; empty of labels and numbers.
        dataset: that the network was trained on, or None for a mere file with --classes.
        threshold: probability above which an input has a label, where it can have several.
        language: of the output.
    """

    task: Task
    translations: list[list[str]]
    dataset: DatasetConfig | None
    threshold: float = DEFAULT_THRESHOLD
    language: Language = "en"

    @property
    def description(self) -> str:
        """Title of the data set, and names of the outputs."""
        title = f"{title_in_language(self.dataset.title, self.language)}: " if self.dataset else ""
        return title + listed_names(self.names)

    @property
    def names(self) -> list[str]:
        """One name for each output."""
        return self.task.names

    @property
    def features(self) -> Sequence[str]:
        """Names of the columns of a table, where they are known and no mere numbers."""
        names = (self.dataset.feature_names if self.dataset else None) or []
        return [] if all(map(str.isdecimal, names)) else names

    def label(self, truth: str) -> int:
        """Return the label of a class by its name in any language, or by its number.

        Raises:
            ConfigurationError: there is no such class.
        """
        label = label_of(truth, self.translations)
        if label is not None:
            return label
        near = nearest_or_all(truth, self.names)
        raise ConfigurationError(f"--truth: there is no class {truth!r}{near}")

    def check_folders(self, files: Iterable[Path]) -> None:
        """Raise ConfigurationError where a file does not lie in the folder of a class."""
        for name in dict.fromkeys(path.absolute().parent.name for path in files):
            self.label(name)

    def frame(self, shape: tuple[int, ...], fit: Fit | None, polarity: str | None) -> Frame:
        """Return what pictures are brought to.

        Args:
            shape: of the network's images.
            fit: None is the data set's way.
            polarity: background of the pictures, or AS_IS; None judges each.

        Raises:
            ConfigurationError: a background is named, but the data set has none of its own.
        """
        like = self.dataset.own_pictures if self.dataset else OwnPictures()
        as_is = polarity == AS_IS
        background = None if as_is else cast(Background | None, polarity)
        if background and like.background is None:
            raise ConfigurationError(
                f"--polarity {background}: no one background is known of the network's own images; "
                f"leave it out, or choose {AS_IS}"
            )
        if fit and fit != like.fit:
            like = replace(like, fit=fit, ink=None)
        return Frame(shape, like, background, as_is, even_same=fit is not None)


def prediction_task(trained: TrainedNetwork, arguments: PredictArguments) -> PredictionTask:
    """Return the task of a network.

    Raises:
        ConfigurationError: neither its run nor an argument names it, or an argument does not apply
            to it.
    """
    dataset, classes = arguments.network.dataset, arguments.classes
    language = arguments.network.language or trained.language
    if not trained.configuration and classes:
        return PredictionTask(Classification(classes), [classes], None, language=language)
    if not trained.configuration and not dataset:
        raise ConfigurationError(
            f"{trained.network}: a mere file; say what it recognizes, as in --dataset mnist or "
            "--classes A,B"
        )
    if classes:
        raise ConfigurationError("--classes is for mere files; networks of runs know their classes")
    config = trained.dataset(dataset)
    _check(arguments, config)
    translations = list(config.class_names.values()) if config.class_names else []
    in_files = config.source.options.get("classes")  # names of folders, values of a column
    if translations and in_files and len(in_files) == len(translations[0]):
        translations.append([str(name) for name in in_files])
    task = config.task(language)
    return PredictionTask(task, translations, config, trained.threshold, language)


def label_of(word: str, translations: Sequence[Sequence[str]]) -> int | None:
    """Return the label that a word means, or None where it means none, or more than one.

    A name comes before one that differs in its capitals, and that before a number.

    Args:
        word: name of a class in any language, or its number.
        translations: for each language, the names of all classes.
    """
    named = [(name, label) for names in translations for label, name in enumerate(names)]
    exact = {label for name, label in named if name == word}
    alike = {label for name, label in named if name.lower() == word.lower()}
    numbered = {label for _, label in named if word.isdecimal() and int(word) == label}
    meant = exact or alike or numbered
    return meant.pop() if len(meant) == 1 else None


def _check(arguments: PredictArguments, config: DatasetConfig) -> None:
    """Raise ConfigurationError where an argument does not apply to a data set."""
    if arguments.truth and not config.class_names:
        raise ConfigurationError(
            f"--truth is of classes; networks of {config.title} predict "
            f"{'labels' if config.label_names else 'numbers'}"
        )
    if config.is_table and (arguments.show or arguments.fit or arguments.polarity):
        raise ConfigurationError("--show, --fit and --polarity are for images; this is a table")
    if arguments.values and not config.is_table:
        raise ConfigurationError(f"--values: {config.title} are images; give files")
