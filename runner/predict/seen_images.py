"""A sheet of images as the network got them, with its answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runner.base.option_types import Language
from runner.figures.contact_sheet import contact_sheet
from runner.figures.translations import Texts, translator
from runner.predict.prediction import Answer, Answers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST = 22

TEXTS: Texts = {
    "What the network was shown": "O que foi mostrado à rede",
    "given class (probability)": "classe atribuída (probabilidade)",
    "given class (probability); wrong ones are framed": (
        "classe atribuída (probabilidade); erradas com moldura"
    ),
}


def draw_seen(answers: Answers, names: list[str], language: Language) -> Figure:
    """Draw what the network saw, gray images as bright as they were to it; wrong ones framed."""
    translate = translator(language, TEXTS)
    shown = answers.answers[: len(answers.seen)]
    images = np.clip(np.rint(np.stack(answers.seen)), 0, 255).astype(np.uint8)
    images = np.repeat(images, 3 // images.shape[-1], axis=-1)  # gray as RGB is not inverted
    subtitle = translate("given class (probability)")
    if answers.judged:
        subtitle = translate("given class (probability); wrong ones are framed")
    if len(shown) < len(answers.answers):
        subtitle += "; " + translate("the first {limit} are drawn").format(limit=len(shown))
    return contact_sheet(
        images,
        [_caption(answer, names) for answer in shown],
        title=translate("What the network was shown"),
        subtitle=subtitle,
        framed=np.array([answer.is_wrong for answer in shown]),
    )


def _caption(answer: Answer, names: list[str]) -> str:
    name = Path(answer.name).name
    name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 3]}..."
    return f"{name}\n{names[answer.label]} ({answer.probabilities.max():.2f})"
