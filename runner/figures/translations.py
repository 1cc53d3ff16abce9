"""Texts of the figures in the language of a run.

Every module of a figure brings its own texts, English and Portuguese; what several of them use
stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from runner.base.option_types import Language

Texts = Mapping[str, str]
"""Portuguese versions of English texts."""

COMMON: Texts = {
    "test": "teste",
    "epoch": "época",
    "error / %": "erro / %",
    "training": "treino",
    "validation": "validação",
    "given class": "classe atribuída",
    "true class": "classe verdadeira",
    "weight": "peso",
    "the first {limit} are drawn": "desenhados os primeiros {limit}",
}


def translator(language: Language, texts: Texts) -> Callable[[str], str]:
    """Return the function that puts an English text into the language.

    Args:
        language: of the figure.
        texts: those of the figure; a text that neither they nor `COMMON` hold stays English.
    """
    return partial(_look_up, {**COMMON, **texts}) if language == "pt" else str


def _look_up(texts: Texts, text: str) -> str:
    return texts.get(text, text)
