"""Contact sheets of the hardest training images, and of those whose label is likely wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.option_types import Count
from runner.evaluation.probabilities import class_probabilities
from runner.figures.contact_sheet import contact_sheet
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Probabilities = NDArray[np.float32]

TEXTS: Texts = {
    "Hardest training images": "Imagens de treino mais difíceis",
    "label (probability) → given class (probability); largest loss first": (
        "rótulo (probabilidade) → atribuída (probabilidade); a maior perda primeiro"
    ),
    "Likely label errors": "Prováveis erros de rótulo",
    "{count:,} of {images:,} training images": "{count:,} de {images:,} imagens de treino",
    "label (probability) → likely class (probability); likeliest error first": (
        "rótulo (probabilidade) → provável (probabilidade); o erro mais provável primeiro"
    ),
}


def hardest_images(run: ClassificationRun, *, count: Count) -> Figure | None:
    """Draw the training images of largest loss; None without training images, and of a table.

    Args:
        run: the finished run.
        count: how many.
    """
    if run.train is None or not run.has_pictures:
        return None
    translate, labels = translator(run.language, TEXTS), run.train.labels
    probabilities = predict_train(run)
    hardest = np.argsort(label_probabilities(probabilities, labels), kind="stable")[:count]
    return contact_sheet(
        run.printed(run.train.images[hardest]),
        _captions(run, probabilities[hardest], labels[hardest]),
        title=translate("Hardest training images"),
        subtitle=translate("label (probability) → given class (probability); largest loss first"),
    )


def label_errors(run: ClassificationRun, *, limit: Count) -> Figure | None:
    """Draw training images whose label is likely wrong; None without them, and of a table.

    Args:
        run: the finished run.
        limit: draw no more than so many.
    """
    if run.train is None or not run.has_pictures:
        return None
    translate, labels = translator(run.language, TEXTS), run.train.labels
    probabilities = predict_train(run)
    suspects = likely_label_errors(probabilities, labels)
    drawn = suspects[:limit]
    subtitle = translate(
        "{count:,} of {images:,} training images", count=len(suspects), images=len(labels)
    )
    if len(drawn) < len(suspects):
        subtitle += "; " + translate("the first {limit} are drawn", limit=limit)
    subtitle += "\n" + translate(
        "label (probability) → likely class (probability); likeliest error first"
    )
    return contact_sheet(
        run.printed(run.train.images[drawn]),
        _captions(run, probabilities[drawn], labels[drawn]),
        title=translate("Likely label errors"),
        subtitle=subtitle,
    )


def likely_label_errors(probabilities: Probabilities, labels: Labels) -> Labels:
    """Return the indices of images that confidently belong to another class, surest first.

    Confident learning (Northcutt, Jiang and Chuang, JAIR 2021): an image belongs to a class as
    soon as its probability reaches the mean that images labeled so have. The network was fitted
    to these very labels, and so doubts fewer of them than it should.

    Args:
        probabilities: [n, classes].
        labels: [n].
    """
    own = label_probabilities(probabilities, labels)
    classes = probabilities.shape[1]
    known = [np.any(labels == c) for c in range(classes)]
    usual = [own[labels == c].mean() if k else np.inf for c, k in enumerate(known)]
    confident = np.where(probabilities >= np.asarray(usual), probabilities, 0)
    likely = confident.argmax(axis=1)
    suspects = np.flatnonzero((confident.max(axis=1) > 0) & (likely != labels))
    margin = probabilities[suspects, likely[suspects]] - own[suspects]
    sorted_suspects: Labels = suspects[np.argsort(-margin, kind="stable")]
    return sorted_suspects


def label_probabilities(probabilities: Probabilities, labels: Labels) -> Probabilities:
    """Return the probability of each image's own label, [n]."""
    return np.take_along_axis(probabilities, labels[:, np.newaxis], axis=1)[:, 0]


def predict_train(run: ClassificationRun) -> Probabilities:
    """Return the probabilities of the training images, [n, classes]."""
    assert run.train is not None
    return class_probabilities(
        run.model, run.model.predict(run.train.images, batch_size=1000, verbose=0)
    )


def _captions(run: ClassificationRun, probabilities: Probabilities, labels: Labels) -> list[str]:
    names, written = run.class_names, translator(run.language, TEXTS).number
    predicted, highest = probabilities.argmax(axis=1), probabilities.max(axis=1)
    own = label_probabilities(probabilities, labels)
    return [
        f"{names[label]} ({written(own[n], '.2f')})\n"
        f"→ {names[predicted[n]]} ({written(highest[n], '.2f')})"
        for n, label in enumerate(labels)
    ]
