"""Which test images are wrong in how many seeds: errors of label, of the network, and of chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Labels
from runner.base.lazy import matplotlib
from runner.base.option_types import Count, Language
from runner.evaluation.predictions import FILES
from runner.evaluation.predictions_file import load_predictions
from runner.figures.canvas import chart, styled
from runner.figures.contact_sheet import contact_sheet
from runner.figures.figure_declarations import made_for, of_all_seeds, of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.hardest_images import likely_label_errors
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FEWEST, _COLOR = 2, "#0072B2"
_BOX = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}

TEXTS: Texts = {
    "Test images that are wrong in some of {n} seeds": (
        "Imagens de teste erradas em algumas de {n} sementes"
    ),
    "wrong in every seed: {always}; in some only: {sometimes}": (
        "erradas em todas as sementes: {always}; só em algumas: {sometimes}"
    ),
    "number of seeds that are wrong": "número de sementes que erram",
    "test images": "imagens de teste",
    "all of these give the same class": "todas dão a mesma classe",
    "they give different classes": "dão classes diferentes",
    "if errors were mere chance": "se os erros fossem mero acaso",
    "Test images that are wrong in most of {n} seeds": (
        "Imagens de teste erradas na maioria de {n} sementes"
    ),
    "label → class most often given, in how many seeds": (
        "rótulo → classe mais vezes dada, em quantas sementes"
    ),
    "framed: all seeds are as sure of another class as of images with that label ({count})": (
        "moldura: todas as sementes têm tanta certeza de outra classe como nas imagens com esse "
        "rótulo ({count})"
    ),
}


@dataclass(frozen=True)
class SeedErrors:
    """The errors of several seeds on the same test images.

    Attributes:
        seeds: their number.
        wrong: number of seeds that are wrong, int64 [n].
        given: the wrong class that most of these give, int64 [n].
        agreeing: number of seeds that give it, int64 [n].
        confidence: mean probability of that class over all seeds, float32 [n].
        mislabeled: whether the label is likely wrong: every seed gives the same other class, and
            is as sure of it as of images with that label, bool [n].
        chance: expected number of images that are wrong in 0, 1 ... seeds if every image were as
            hard as any other, float64 [seeds + 1].
    """

    seeds: int
    wrong: NDArray[np.int64]
    given: Labels
    agreeing: NDArray[np.int64]
    confidence: NDArray[np.float32]
    mislabeled: NDArray[np.bool_]
    chance: NDArray[np.float64]


@of_results_alone
@made_for("several seeds")
@of_all_seeds
def wrong_in_seeds(run: ClassificationRun, *, limit: Count) -> list[Figure] | None:
    """Draw how many test images are wrong in how many seeds, and those wrong in most of them.

    None where the run has one seed alone; no images of a table.

    Args:
        run: the finished run; the other seeds' predictions lie in the folders beside its own.
        limit: draw no more than so many images.
    """
    probabilities = _probabilities_of_seeds(run)
    if len(probabilities) < _FEWEST:
        return None
    errors = count_errors(probabilities, run.labels)
    figures = [draw_counts(errors, run.language)]
    return [*figures, _sheet(run, errors, limit)] if run.has_pictures else figures


def count_errors(probabilities: NDArray[np.float32], labels: Labels) -> SeedErrors:
    """Count the seeds that get each image wrong.

    Args:
        probabilities: of each seed, [seeds, n, classes].
        labels: [n].
    """
    seeds, _, classes = probabilities.shape
    predicted = probabilities.argmax(axis=2)
    votes = np.stack([(predicted == label).sum(axis=0) for label in range(classes)], axis=1)
    np.put_along_axis(votes, labels[:, np.newaxis], 0, axis=1)
    wrong, agreeing = votes.sum(axis=1), votes.max(axis=1)
    given, mean = votes.argmax(axis=1), probabilities.mean(axis=0)
    likely = np.isin(np.arange(len(labels)), likely_label_errors(mean, labels))
    chance = np.ones(1)
    for rate in (predicted != labels).mean(axis=1):
        chance = np.convolve(chance, [1 - rate, rate])
    return SeedErrors(
        seeds=seeds,
        wrong=wrong,
        given=given,
        agreeing=agreeing,
        confidence=np.take_along_axis(mean, given[:, np.newaxis], axis=1)[:, 0],
        mislabeled=likely & (agreeing == seeds),
        chance=len(labels) * chance,
    )


@styled()
def draw_counts(errors: SeedErrors, language: Language = "en") -> Figure:
    """Draw a bar for each number of seeds that are wrong."""
    translate, numbers = translator(language, TEXTS), np.arange(1, errors.seeds + 1)
    wrong = np.bincount(errors.wrong, minlength=errors.seeds + 1)[1:]
    subtitle = translate("wrong in every seed: {always}; in some only: {sometimes}")
    figure = chart(
        5.5 + 0.4 * errors.seeds,
        3.8,
        translate("Test images that are wrong in some of {n} seeds").format(n=errors.seeds),
        subtitle.format(always=wrong[-1], sometimes=wrong[:-1].sum()),
    )
    axes = figure.subplots()
    alike = errors.wrong[errors.agreeing == errors.wrong]
    same = np.bincount(alike, minlength=errors.seeds + 1)[1:]
    label = translate("they give different classes")
    axes.bar(numbers, wrong, color="white", edgecolor=_COLOR, hatch="////", label=label)
    label = translate("all of these give the same class")
    axes.bar(numbers, same, color=_COLOR, edgecolor=_COLOR, label=label)
    axes.plot(numbers, errors.chance[1:], "s:k", label=translate("if errors were mere chance"))
    _write_counts(axes, wrong, errors.chance[1:])
    axes.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    axes.set_xlabel(translate("number of seeds that are wrong"))
    axes.set_ylabel(translate("test images"))
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _write_counts(axes: Axes, wrong: NDArray[np.int64], chance: NDArray[np.float64]) -> None:
    """Write the numbers of the bars, and what chance gives above them, or bars would be flat."""
    top = 1.5 * max(float(wrong.max()), 1.0)
    axes.set_ylim(0, top)
    options: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "bbox": _BOX}
    for number, (count, expected) in enumerate(zip(wrong, chance, strict=True), 1):
        axes.annotate(f"{count}", (number, float(count)), (0, 3), size=8, **options)
        if expected > top:
            axes.text(number + 0.12, 0.98 * top, f"{expected:.0f} ↑", va="top", size=8)


def _sheet(run: ClassificationRun, errors: SeedErrors, limit: int) -> Figure:
    """Draw the images that are wrong in most seeds, those first on which most agree."""
    keys = (errors.confidence, errors.agreeing, errors.mislabeled, errors.wrong)
    order = np.lexsort(-np.stack([key.astype(np.float64) for key in keys]))
    drawn = order[: min(limit, int((errors.wrong > 0).sum()))]
    translate, names = translator(run.language, TEXTS), run.class_names
    given = [f"{names[errors.given[i]]} {errors.agreeing[i]}/{errors.seeds}" for i in drawn]
    labels = [f"{names[run.labels[i]]} (#{i})" for i in drawn]
    title = translate("Test images that are wrong in most of {n} seeds").format(n=errors.seeds)
    subtitle = [
        translate("label → class most often given, in how many seeds"),
        translate(
            "framed: all seeds are as sure of another class as of images with that label ({count})"
        ),
    ]
    return contact_sheet(
        run.printed(run.images[drawn]),
        [f"{label}\n→ {other}" for label, other in zip(labels, given, strict=True)],
        title=title,
        subtitle="\n".join(subtitle).format(count=errors.mislabeled.sum()),
        framed=errors.mislabeled[drawn],
    )


def _probabilities_of_seeds(run: ClassificationRun) -> NDArray[np.float32]:
    """Return the stored probabilities of all seeds of a run, [seeds, n, classes]."""
    folder = run.folder
    if folder is None or not folder.resolve().name.startswith("seed-"):
        return np.zeros((0, *run.probabilities.shape), np.float32)
    paths = sorted(folder.resolve().parent.glob(f"seed-*/{FILES['test']}"))
    stored = [one for path in paths if (one := load_predictions(path)) is not None]
    same = [one.probabilities for one in stored if np.array_equal(one.labels, run.labels)]
    return np.stack([*same]) if same else np.zeros((0, *run.probabilities.shape), np.float32)
