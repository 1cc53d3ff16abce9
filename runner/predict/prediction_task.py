"""What a network tells apart, and how things are to be brought to it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from runner.base import tasks
from runner.base.errors import ConfigurationError
from runner.base.suggestions import nearest_or_all
from runner.config.dataset_config import DatasetConfig, OwnPictures
from runner.predict.inputs.class_names import label_of
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.predict_arguments import AS_IS
from runner.tracking.trained_network import Trained


@dataclass(frozen=True)
class PredictionTask:
    """What a network tells apart.

    Attributes:
        told: classes, or numbers, with names in the language asked for.
        names: of the classes in every language; none of numbers.
        dataset: that it was trained on, or None for a mere file with --classes.
    """

    told: tasks.Task
    names: list[list[str]]
    dataset: DatasetConfig | None

    @property
    def class_names(self) -> list[str]:
        """One name for each class, or for each number."""
        return self.told.names

    @property
    def is_numbers(self) -> bool:
        """Whether numbers are told, not classes."""
        return isinstance(self.told, tasks.Regression)

    def label(self, truth: str) -> int:
        """Return the label of a class by its name in any language, or by its number.

        Raises:
            ConfigurationError: there is no such class.
        """
        label = label_of(truth, self.names)
        if label is not None:
            return label
        near = nearest_or_all(truth, self.class_names)
        raise ConfigurationError(f"--truth: there is no class {truth!r}{near}")

    def check_folders(self, files: Iterable[Path]) -> None:
        """Raise ConfigurationError where a file does not lie in the folder of a class."""
        for name in dict.fromkeys(path.absolute().parent.name for path in files):
            self.label(name)

    def frame(self, shape: tuple[int, ...], asked: Namespace) -> Frame:
        """Return what pictures are brought to, as the data set has it and the command line says."""
        like = self.dataset.own_pictures if self.dataset else OwnPictures()
        as_is = asked.polarity == AS_IS
        stated = None if as_is else asked.polarity
        if stated and like.background is None:
            raise ConfigurationError(
                f"--polarity {stated}: no one background is known of the network's own images; "
                f"leave it out, or choose {AS_IS}"
            )
        if asked.fit and asked.fit != like.fit:
            like = replace(like, fit=asked.fit, ink=None)
        return Frame(shape, like, stated, as_is, even_same=asked.fit is not None)


def understand(trained: Trained, asked: Namespace) -> PredictionTask:
    """Return what a network tells apart.

    Raises:
        ConfigurationError: nobody says so, or what is asked for does not apply to it.
    """
    if not trained.node and asked.classes:
        return PredictionTask(tasks.Classification(asked.classes), [asked.classes], None)
    if not trained.node and not asked.dataset:
        raise ConfigurationError(
            f"{trained.network}: a mere file; say what it recognizes, as in --dataset mnist or "
            "--classes A,B"
        )
    if asked.classes:
        raise ConfigurationError("--classes is for mere files; networks of runs know their classes")
    config = trained.dataset(asked.dataset)
    language = asked.language or trained.language
    if asked.truth and not config.class_names:
        raise ConfigurationError(f"--truth is of classes; networks of {config.title} tell numbers")
    if config.is_table and (asked.show or asked.fit or asked.polarity):
        raise ConfigurationError("--show, --fit and --polarity are for images; this is a table")
    if asked.values and not config.is_table:
        raise ConfigurationError(f"--values: {config.title} are images; give files")
    names = list(config.class_names.values()) if config.class_names else []
    return PredictionTask(config.task(language), names, config)
