"""What a network is going to be trained on: the first images of each class, and their mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from runner.base.array_types import Images, Labels
from runner.base.option_types import Count, Language
from runner.datasets.splits import TrainSplit
from runner.figures.contact_sheet import contact_sheet
from runner.figures.finished_run import ClassificationRun, LabelRun, RegressionRun
from runner.figures.paper import printable
from runner.figures.training_table import draw_training_table
from runner.figures.translations import Texts, Translator, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cell = tuple[Images, str]
"""An image [height, width, channels] and its caption."""

TEXTS: Texts = {
    "Training images": "Imagens de treino",
    "{images:,} of {classes} classes; of each the mean, their number, and the first": (
        "{images:,} de {classes} classes; de cada uma a média, o número, e as primeiras"
    ),
    "the first {limit} classes are drawn": "desenhadas as primeiras {limit} classes",
    "the first of {images:,}, with what is predicted": (
        "as primeiras de {images:,}, com o que se quer prever"
    ),
}


def training_images(
    run: ClassificationRun | LabelRun | RegressionRun, *, each: Count, classes: Count
) -> Figure | None:
    """Draw the first training images of each class and their mean; of a table its features.

    None where the training data are not at hand.

    Args:
        run: the finished run.
        each: images of each class.
        classes: draw no more than so many.
    """
    if run.train is None:
        return None
    return draw_training_data(
        run.train,
        run.names,
        each=each,
        classes=classes,
        dark=run.dark,
        features=run.feature_names,
        language=run.language,
    )


def draw_training_data(
    train: TrainSplit,
    names: Sequence[str],
    *,
    each: int,
    classes: int,
    dark: bool = True,
    features: Sequence[str] = (),
    language: Language = "en",
) -> Figure:
    """Draw training data of any kind; see `training_images`.

    Args:
        train: images or rows with their targets.
        names: of the classes, or of the outputs.
        each: images of each class.
        classes: draw no more than so many.
        dark: whether gray images are light on dark ground.
        features: names of the columns of a table, where they are known.
        language: of the texts.
    """
    if train.images.ndim == 2:  # noqa: PLR2004
        return draw_training_table(train, names, features, language)
    translate = translator(language, TEXTS)
    if train.targets.ndim == 2:  # noqa: PLR2004
        subtitle = translate("the first of {images:,}, with what is predicted", images=len(train))
        cells, columns = list(_with_targets(train, names, each * each)), each
    else:
        subtitle = translate(
            "{images:,} of {classes} classes; of each the mean, their number, and the first",
            images=len(train),
            classes=len(names),
        )
        if len(names) > classes:
            subtitle += "; " + translate("the first {limit} classes are drawn", limit=classes)
        cells, columns = list(_of_classes(train, names[:classes], each, dark, translate)), each + 1
    images, captions = zip(*cells, strict=True)
    return contact_sheet(
        printable(np.stack(images), dark=dark),
        captions,
        title=translate("Training images"),
        subtitle=subtitle,
        columns=columns,
    )


def _of_classes(
    train: TrainSplit, names: Sequence[str], each: int, dark: bool, translate: Translator
) -> Iterator[Cell]:
    """Yield a row for each class: the mean, the first images, and paper where there are fewer."""
    black_is_paper = dark and train.images.shape[-1] == 1
    paper = np.full(train.images.shape[1:], 0 if black_is_paper else 255, np.uint8)
    for label, name in enumerate(names):
        numbers = np.flatnonzero(train.labels == label)
        mean = mean_image(train.images, numbers) if len(numbers) else paper
        yield mean, f"{name}\n{translate.number(len(numbers), ',')}"
        yield from ((train.images[n], f"#{n}") for n in numbers[:each])
        yield from ((paper, "") for _ in range(each - len(numbers[:each])))


def mean_image(images: Images, numbers: Labels) -> Images:
    """Return the mean of some images, uint8 [height, width, channels].

    Args:
        images: [n, height, width, channels].
        numbers: which of them, at least one.
    """
    total = np.zeros(images.shape[1:], np.int64)
    for number in numbers:  # one at a time: all at once may take more memory than there is
        total += images[number]
    return np.asarray(np.rint(total / len(numbers)), np.uint8)


def _with_targets(train: TrainSplit, names: Sequence[str], count: int) -> Iterator[Cell]:
    for image, values in zip(train.images[:count], train.targets[:count], strict=True):
        pairs = list(zip(names, values, strict=True))
        if np.issubdtype(values.dtype, np.integer):  # labels: those that the image has
            yield image, "\n".join(name for name, has in pairs if has) or "-"
        else:
            yield image, "\n".join(f"{name} {value:g}" for name, value in pairs)
