"""A data set on the terminal and as a figure, before anything is trained on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.base.atomic_files import replacing
from runner.base.console import say, show_table
from runner.base.language import Phrases
from runner.base.option_types import Language
from runner.config.component import Component
from runner.config.dataset_config import DatasetConfig
from runner.config.dataset_titles import title_in_language
from runner.config.own_tables import CHOOSE
from runner.datasets import summary
from runner.datasets.loader import load_dataset
from runner.datasets.splits import Dataset, TrainSplit

_CHOOSE = f"{CHOOSE} chooses columns"
_PHRASES = Phrases(
    {
        "images": "imagens",
        "rows": "linhas",
        "task": "tarefa",
        "repeated": "repetidas",
        "drawn": "desenhado",
        "{} for training, {} for the test": "{} de treino, {} de teste",
        "{} for training, {} for validation, {} for the test": (
            "{} de treino, {} de validação, {} de teste"
        ),
        "{} label": "{} rótulo",
        "{} labels": "{} rótulos",
        "{} output": "{} saída",
        "{} outputs": "{} saídas",
        "{} x {} x {}, {} to {}, mean {}, standard deviation {}": (
            "{} x {} x {}, {} a {}, média {}, desvio padrão {}"
        ),
        "{} of the training images are there before, {} of the test images too": (
            "de treino, iguais a uma anterior: {}; de teste, iguais a uma de treino: {}"
        ),
        "{} of the training rows are there before, {} of the test rows too": (
            "de treino, iguais a uma anterior: {}; de teste, iguais a uma de treino: {}"
        ),
        "class": "classe",
        "label": "rótulo",
        "training": "treino",
        "validation": "validação",
        "test": "teste",
        "training rows": "linhas de treino",
        "feature {}": "entrada {}",
        "min": "mín.",
        "mean": "média",
        "sd": "dp",
        "max": "máx.",
        "note": "nota",
        _CHOOSE: f"{CHOOSE} escolhe colunas",
        "is the same in all rows": "é igual em todas as linhas",
        "numbers the rows, as an identifier does": "numera as linhas, como um identificador",
    }
)


@dataclass(frozen=True)
class Untrained:
    """What a figure of training data reads of a run, where there is none yet.

    Attributes:
        train: images or rows with their targets.
        names: of the classes, labels or outputs.
        language: of the texts.
        dark: whether gray images are light on dark ground.
        feature_names: of the columns of a table, where they are known.
    """

    train: TrainSplit
    names: Sequence[str]
    language: Language
    dark: bool
    feature_names: Sequence[str]


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
    say(title_in_language(config.title, language))
    for name, value in summary.summary_lines(data):
        say(f"{_PHRASES.words(name, language):<9} {_PHRASES.value(value, language)}")
    _show_targets(config, data, language)
    path = folder / "training-images.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    of_run = Untrained(data.train, data.task.names, language, data.dark, data.feature_names)
    drawn = figure(of_run)
    with replacing(path) as part:
        drawn.savefig(part)
    say(f"{_PHRASES.words('drawn', language):<9} {path}")


def _show_targets(config: DatasetConfig, data: Dataset, language: Language) -> None:
    """Print how many images each class has, and the columns of a table."""
    if config.class_names or config.label_names:
        _show_table(*summary.class_counts(data), language)
    if config.is_table:
        columns = range(data.train.images.shape[1])
        numbered = [_PHRASES.words(f"feature {number}", language) for number in columns]
        names = data.feature_names or numbered
        _show_table(*summary.column_statistics(data.train.images, names), language)
        for name, reason in summary.doubtful_columns(data.train.images, data.feature_names):
            note, said = (_PHRASES.words(text, language) for text in ("note", reason))
            say(f"{note:<9} {name} {said}; {_PHRASES.words(_CHOOSE, language)}")
    if config.output_names:
        names = data.task.names
        _show_table(*summary.column_statistics(data.train.numbers, names), language)


def _show_table(header: list[str], rows: list[list[str]], language: Language) -> None:
    columns = [_PHRASES.words(name, language) for name in header]
    show_table(columns, _PHRASES.rows(rows, language))
