"""A data set on the terminal and as a figure, before anything is trained on it."""

from __future__ import annotations

from pathlib import Path

from runner.base.console import say, show_table
from runner.base.option_types import Language
from runner.config.dataset_config import DatasetConfig
from runner.datasets import summary
from runner.datasets.loader import load_dataset
from runner.datasets.splits import Dataset
from runner.figures.figure_files import save_figure
from runner.figures.training_images import draw_training_data

_CLASSES = 50


def show_dataset(config: DatasetConfig, language: Language, each: int, folder: Path) -> None:
    """Print a data set in numbers and draw its training images, or the features of a table.

    Nothing of the test images is shown but how many there are.

    Args:
        config: of the data set.
        language: of class names and texts.
        each: images of each class.
        folder: for the figure.
    """
    data = load_dataset(config, language)
    say(config.title)
    for name, value in summary.summary_lines(data):
        say(f"{name:<9} {value}")
    _show_targets(config, data)
    figure = draw_training_data(
        data.train, data.task.names, each=each, classes=_CLASSES, language=language
    )
    for path in save_figure(figure, folder / "training-images"):
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
