"""Training images before and after augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.lazy import tf
from runner.base.option_types import Count, Language, Natural
from runner.figures.contact_sheet import contact_sheet
from runner.figures.finished_run import ClassificationRun
from runner.figures.paper import printable
from runner.figures.translations import Texts, Translator, translator
from runner.training.augmentation import Augmentation, chain_augmentations

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Shares = NDArray[np.float32]
_VISIBLE = 0.005

TEXTS: Texts = {
    "Augmentation": "Aumento de dados",
    "{names}; framed: as stored; beside it: as the network is trained on it": (
        "{names}; com moldura: como guardada; ao lado: como a rede a vê no treino"
    ),
}


def augmentation(
    run: ClassificationRun, *, images: Count, versions: Count, seed: Natural = 0
) -> Figure | None:
    """Draw the first training images as stored and as trained on; None without augmentation.

    Args:
        run: the finished run.
        images: how many.
        versions: of each image, at least; every one where an epoch shows more of them.
        seed: of what is random.
    """
    if not run.augmentation or run.train is None or not run.has_pictures:
        return None
    change = chain_augmentations(run.augmentation.values())
    before, labels = run.train.images[:images], run.train.labels[:images]
    shares = np.eye(len(run.class_names), dtype=np.float32)[labels]
    after = [augment(change, before, shares, n, seed) for n in range(max(versions, change.copies))]
    return draw_augmentation(
        before,
        labels,
        after,
        list(run.augmentation),
        run.class_names,
        dark=run.dark,
        language=run.language,
    )


def augment(
    change: Augmentation, images: Images, shares: Shares, version: int, seed: int
) -> tuple[Images, Shares]:
    """Return one version of images, [n, height, width, channels], and of targets, [n, classes]."""
    numbers = tf.fill([len(images)], version % change.copies)
    changed, mixed = change.apply(
        tf.constant(images, tf.float32),
        tf.constant(shares),
        numbers,
        tf.constant([[seed, version]]),
    )
    pixels = np.clip(np.rint(changed.numpy()), 0, 255)
    return pixels.astype(np.uint8), mixed.numpy()


def draw_augmentation(
    before: Images,
    labels: Labels,
    after: list[tuple[Images, Shares]],
    names: list[str],
    class_names: list[str],
    *,
    dark: bool = True,
    language: Language = "en",
) -> Figure:
    """Draw a row for each image: as stored, and then its versions.

    Args:
        before: [n, height, width, channels].
        labels: [n].
        after: versions of them, and the share of each class in their targets, [n, classes].
        names: of the augmentations.
        class_names: one for each label.
        dark: whether gray images are light on dark ground.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    rows = np.stack([before, *(images for images, _ in after)], axis=1)
    captions = [
        caption
        for n, label in enumerate(labels)
        for caption in (
            class_names[label],
            *(_mixture(shares[n], class_names, translate) for _, shares in after),
        )
    ]
    return contact_sheet(
        printable(rows.reshape(-1, *before.shape[1:]), dark=dark),
        captions,
        title=translate("Augmentation"),
        subtitle=translate(
            "{names}; framed: as stored; beside it: as the network is trained on it",
            names=", ".join(names),
        ),
        columns=1 + len(after),
        framed=np.arange(len(captions)) % (1 + len(after)) == 0,
    )


def _mixture(shares: Shares, class_names: list[str], translate: Translator) -> str:
    """Name the classes of a target; with their shares where there are several."""
    largest = [label for label in np.argsort(-shares, kind="stable") if shares[label] > _VISIBLE]
    if len(largest) == 1:
        return str(class_names[largest[0]])
    return "\n+ ".join(
        f"{class_names[label]} ({translate.number(shares[label], '.2f')})" for label in largest
    )
