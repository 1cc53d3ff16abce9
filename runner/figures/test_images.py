"""Contact sheets of test images with their true and predicted classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from runner.base.option_types import Count
from runner.figures.confusion_matrix import error_summary
from runner.figures.contact_sheet import contact_sheet
from runner.figures.figure_declarations import made_for, of_results_alone
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INKS = np.array(["#0000C8", "#D00000"])
"""Of right and wrong names."""

TEXTS: Texts = {
    "given class; wrong ones in red, with the true class behind them": (
        "classe atribuída; as erradas em vermelho, seguidas da verdadeira"
    ),
    "Misclassified test images": "Imagens de teste mal classificadas",
    "the {limit} most confident are drawn": "desenhadas as {limit} de maior confiança",
    "true class (probability) → given class (probability); most confident first": (
        "classe verdadeira (probabilidade) → atribuída (probabilidade); a maior confiança primeiro"
    ),
    "First test images": "Primeiras imagens de teste",
    "true class (probability) → given class (probability); wrong ones are framed": (
        "classe verdadeira (probabilidade) → atribuída (probabilidade); erradas com moldura"
    ),
}


@of_results_alone
@made_for("pictures")
def misclassified(run: ClassificationRun, *, limit: Count) -> Figure | None:
    """Draw every misclassified test image, the most confident error first; None of a table.

    Args:
        run: the finished run.
        limit: draw no more than so many.
    """
    if not run.has_pictures:
        return None
    translate = translator(run.language, TEXTS)
    wrong = np.flatnonzero(run.predictions != run.labels)
    confidence = run.probabilities[wrong].max(axis=1)
    drawn = wrong[np.argsort(-confidence, kind="stable")][:limit]
    count = error_summary(run)
    if len(drawn) < len(wrong):
        count += "; " + translate("the {limit} most confident are drawn", limit=limit)
    reading = translate(
        "true class (probability) → given class (probability); most confident first"
    )
    return contact_sheet(
        run.printed(run.images[drawn]),
        [_caption(run, index) for index in drawn],
        title=translate("Misclassified test images"),
        subtitle=f"{count}\n{reading}",
    )


@of_results_alone
@made_for("pictures")
def first_test_images(
    run: ClassificationRun,
    *,
    count: Count,
    captions: Literal["probabilities", "colors"] = "probabilities",
) -> Figure | None:
    """Draw the first test images with true and predicted class; None of a table.

    Args:
        run: the finished run.
        count: how many.
        captions: both classes with their probabilities; or the given class in blue, where it is
            wrong in red with the true one behind it.
    """
    if not run.has_pictures:
        return None
    translate = translator(run.language, TEXTS)
    images, title = run.printed(run.images[:count]), translate("First test images")
    wrong = (run.predictions != run.labels)[:count]
    if captions == "colors":
        subtitle = translate("given class; wrong ones in red, with the true class behind them")
        names, inks = [_names(run, n) for n in range(len(images))], _INKS[wrong.astype(int)]
        return contact_sheet(
            images, names, title=title, subtitle=subtitle, columns=5, colors=inks.tolist()
        )
    subtitle = translate(
        "true class (probability) → given class (probability); wrong ones are framed"
    )
    texts = [_caption(run, index) for index in range(len(images))]
    return contact_sheet(images, texts, title=title, subtitle=subtitle, columns=5, framed=wrong)


def _names(run: ClassificationRun, index: int) -> str:
    true, given = (run.class_names[labels[index]] for labels in (run.labels, run.predictions))
    return given if true == given else f"{given} ({true})"


def _caption(run: ClassificationRun, index: int) -> str:
    probabilities, names = run.probabilities[index], run.class_names
    true, predicted = run.labels[index], probabilities.argmax()
    written = translator(run.language, TEXTS).number
    below = f"→ {names[predicted]} ({written(probabilities[predicted], '.2f')})"
    return f"{names[true]} ({written(probabilities[true], '.2f')})\n{below}"
