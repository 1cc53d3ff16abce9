"""A data set on the terminal and as a figure, before anything is trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.base.atomic_files import replacing
from runner.base.console import say, show_table
from runner.base.option_types import Language
from runner.config.component import Component
from runner.config.dataset_config import DatasetConfig
from runner.datasets import summary
from runner.datasets.loader import load_dataset
from runner.datasets.splits import Dataset, TrainSplit


@dataclass(frozen=True)
class Untrained:
    """What a figure of training data reads of a run, where there is none yet.

    Attributes:
        train: images or rows with their targets.
        names: of the classes, labels or outputs.
        language: of the texts.
    """

    train: TrainSplit
    names: Sequence[str]
    language: Language


def show_dataset(
    config: DatasetConfig, language: Language, figure: Component, folder: Path
) -> None:
    """Print a data set in numbers and draw its training images, or the features of a table.

    Nothing of the test images is shown but how many there are.

    Args:
        config: of the data set.
        language: of class names and texts.
        figure: of the group `figures`, that draws training data.
        folder: for the figure.
    """
    data = load_dataset(config, language)
    say(config.title)
    for name, value in summary.summary_lines(data):
        say(f"{name:<9} {value}")
    _show_targets(config, data)
    path = folder / "training-images.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = figure(Untrained(data.train, data.task.names, language))
    with replacing(path) as part:
        drawn.savefig(part)
    say(f"drawn     {path}")


def _show_targets(config: DatasetConfig, data: Dataset) -> None:
    """Print how many images each class has, and the columns of a table."""
    if config.class_names or config.label_names:
        show_table(*summary.class_counts(data))
    if config.is_table:
        names = [f"feature {number}" for number in range(data.train.images.shape[1])]
        show_table(*summary.column_statistics(data.train.images, names))
    if config.output_names:
        show_table(*summary.column_statistics(data.train.numbers, data.task.names))
