"""The most confused pairs of classes, with examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import matplotlib
from runner.base.option_types import Count, Language, Natural
from runner.figures.canvas import OUTLINE, Page, styled, text_width
from runner.figures.confusion_matrix import count_confusions, error_summary
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE, _ROW, _BARS = 0.62, 0.72, 2.6
_LINE: dict[str, Any] = {"fill": False, "edgecolor": OUTLINE, "linewidth": 0.6, "clip_on": False}

TEXTS: Texts = {
    "Most confused pairs": "Pares mais confundidos",
    "true class → given class": "classe verdadeira → atribuída",
    "{count} ({share:.1f} % of {name})": "{count} ({share:.1f} % de {name})",
}


@dataclass(frozen=True)
class Pair:
    """Test images of one class that are given another.

    Attributes:
        true: class, its number.
        given: class, its number.
        images: their numbers, the most confident first.
        share: of all test images of the true class.
    """

    true: int
    given: int
    images: NDArray[np.int64]
    share: float


@of_results_alone
def confused_pairs(run: ClassificationRun, *, limit: Count, examples: Natural) -> Figure | None:
    """Draw which class is most often taken for which other one; None without any error.

    Args:
        run: the finished run.
        limit: number of pairs.
        examples: images of each, the most confident errors; none of a table.
    """
    pairs = most_confused(run, limit)
    return draw_pairs(run, pairs, examples if run.has_pictures else 0) if pairs else None


def most_confused(run: ClassificationRun, limit: int) -> list[Pair]:
    """Return the pairs of true and given class with the most errors, the largest number first."""
    counts = count_confusions(run)
    sizes = counts.sum(axis=1)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:limit]
    found = [divmod(int(place), len(counts)) for place in order if counts.flat[place]]
    confidence = run.probabilities.max(axis=1)

    def images(true: int, given: int) -> NDArray[np.int64]:
        these = np.flatnonzero((run.labels == true) & (run.predictions == given))
        return these[np.argsort(-confidence[these], kind="stable")]

    return [Pair(*pair, images(*pair), counts[pair] / sizes[pair[0]]) for pair in found]


@styled()
def draw_pairs(run: ClassificationRun, pairs: list[Pair], examples: int) -> Figure:
    """Draw a bar and examples for each pair."""
    translate, names = translator(run.language, TEXTS), run.class_names
    labels = [f"{names[pair.true]} → {names[pair.given]}" for pair in pairs]
    left = max(text_width(label, 9) for label in labels) + 0.15
    texts = [_count(pair, names[pair.true], run.language) for pair in pairs]
    right = left + _BARS + max(text_width(text, 8) for text in texts) + 0.25
    row = _ROW if examples else 0.3
    subtitle = error_summary(run)
    title = f"{translate('Most confused pairs')}: {translate('true class → given class')}"
    page = Page(right + examples * _ROW, len(pairs) * row, title, subtitle)
    most = len(pairs[0].images)
    for number, pair in enumerate(pairs):
        middle = number * row + row / 2 - 0.05
        page.write(left - 0.1, middle, labels[number], va="center", ha="right", size=9)
        width = _BARS * len(pair.images) / most
        axes = page.axes(left, middle - 0.11, width, 0.22)
        axes.set_facecolor("#0072B2")
        axes.set_axis_on()
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        page.write(left + width + 0.07, middle, texts[number], va="center")
        _draw_examples(page, run.printed(run.images[pair.images[:examples]]), right, number * row)
    return page.figure


def _count(pair: Pair, name: str, language: Language) -> str:
    translate = translator(language, TEXTS)
    count, share = len(pair.images), 100 * pair.share
    return translate("{count} ({share:.1f} % of {name})", count=count, share=share, name=name)


def _draw_examples(page: Page, images: Images, left: float, top: float) -> None:
    """Draw images side by side, as one picture: Matplotlib takes long for many axes."""
    if len(images):
        gap = max(1, round(images.shape[2] * (_ROW / _SIDE - 1)))
        spaced = np.pad(images, ((0, 0), (0, 0), (0, gap), (0, 0)), constant_values=255)
        row = spaced.transpose(1, 0, 2, 3).reshape(images.shape[1], -1, 3)
        inch = _SIDE / max(images.shape[1:3])
        axes = page.axes(left, top, inch * row.shape[1], inch * row.shape[0])
        axes.imshow(row)
        height, width = images.shape[1:3]
        for n in range(len(images)):
            corner = n * (width + gap) - 0.5, -0.5
            axes.add_patch(matplotlib.patches.Rectangle(corner, width, height, **_LINE))
