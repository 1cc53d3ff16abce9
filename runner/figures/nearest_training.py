"""The training images that are nearest to an error, as the network sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runner.base.language import written
from runner.base.option_types import Count, Natural
from runner.evaluation.nearest_images import image_features, nearest_images
from runner.evaluation.probabilities import class_probabilities
from runner.figures.contact_sheet import contact_sheet
from runner.figures.finished_run import ClassificationRun, SelectedImages
from runner.figures.image_selection import by_index, selected_images
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROWS = 8

TEXTS: Texts = {
    "Nearest training images of test images": (
        "Imagens de treino mais próximas de imagens de teste"
    ),
    "Nearest training images of errors": "Imagens de treino mais próximas dos erros",
    "framed: test image; then training images and their labels, nearest first, by the features "
    "before the last layer": (
        "com moldura: imagem de teste; depois imagens de treino e rótulos, a mais próxima "
        "primeiro, pelas características antes da última camada"
    ),
}


def nearest_training(
    run: ClassificationRun,
    *,
    count: Count,
    images: list[Natural] | None,
    searched: Count | None,
) -> Figure | None:
    """Draw the nearest training images of test images; None without both, and of a table.

    Of the images selected on the command line, or else of those of `images`.

    Args:
        run: the finished run.
        count: of training images for each.
        images: numbers of test images; None is the eight most confident errors.
        searched: only the first so many training images; None is all of them.
    """
    if run.train is None or not run.has_pictures:
        return None
    chosen = selected_images(run, images)
    shown = chosen or _errors(run)
    if not len(shown.images):
        return None
    train = run.train.images[:searched]
    nearest = nearest_images(
        image_features(run.model, train), image_features(run.model, shown.images), count
    )
    pictures = [
        np.concatenate([image[np.newaxis], train[row]])
        for image, row in zip(shown.images, nearest, strict=True)
    ]
    translate, columns = translator(run.language, TEXTS), 1 + nearest.shape[1]
    of_errors = translate("Nearest training images of errors")
    title = translate("Nearest training images of test images") if chosen else of_errors
    rows = zip(_captions(run, shown), nearest, strict=True)
    return contact_sheet(
        run.printed(np.concatenate(pictures)),
        [caption for row in rows for caption in _row(run, *row)],
        title=title,
        subtitle=translate(
            "framed: test image; then training images and their labels, nearest first, by the "
            "features before the last layer"
        ),
        columns=columns,
        framed=np.tile(np.arange(columns) == 0, len(pictures)),
    )


def _row(run: ClassificationRun, caption: str, nearest: np.ndarray) -> list[str]:
    assert run.train is not None
    labels = [run.class_names[label] for label in run.train.labels[nearest]]
    return [caption, *(f"{label}\n" for label in labels)]


def _captions(run: ClassificationRun, shown: SelectedImages) -> list[str]:
    probabilities = class_probabilities(run.model, run.model.predict(shown.images, verbose=0))
    given = probabilities.argmax(axis=1)
    return [
        f"{name}\n→ {run.class_names[label]} ({written(f'{row[label]:.2f}', run.language)})"
        for name, label, row in zip(shown.names, given, probabilities, strict=True)
    ]


def _errors(run: ClassificationRun) -> SelectedImages:
    wrong = np.flatnonzero(run.predictions != run.labels)
    confidence = run.probabilities[wrong].max(axis=1)
    return by_index(run, wrong[np.argsort(-confidence, kind="stable")][:_ROWS].tolist())
