"""Texts of the figures, and the numbers in them, in the language of a run.

Every module of a figure brings its own texts, English and Portuguese; what several of them use
stands here.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.base.language import written
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
    "images": "imagens",
    "rows": "linhas",
    "the first {limit} are drawn": "desenhados os primeiros {limit}",
}


@dataclass(frozen=True)
class Translator(string.Formatter):
    """What puts English texts, and the numbers in them, into a language.

    Attributes:
        language: of the figure.
        texts: those of the figure; a text that neither they nor `COMMON` hold stays English.
    """

    language: Language
    texts: Texts

    def __call__(self, text: str, /, **values: Any) -> str:
        """Translate a text; values are put into its braces, numbers as the language writes them."""
        if self.language == "pt":
            text = _look_up({**COMMON, **self.texts}, text)
        return self.vformat(text, (), values) if values else text

    def number(self, value: float, form: str = "") -> str:
        """Write a number; `form` as in `format`, with a comma where thousands are grouped."""
        return self.written(format(value, form))

    def written(self, number: str) -> str:
        """Put a number as Python writes it into the language; see `runner.base.language`."""
        return written(number, self.language)

    def get_value(self, key: int | str, _args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Return a value by its name."""
        return kwargs[str(key)]

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write one value: text as it stands."""
        if isinstance(value, str):
            return format(value, format_spec)
        return self.number(value, format_spec)


def _look_up(texts: Texts, text: str) -> str:
    return texts.get(text, text)


def translator(language: Language, texts: Texts) -> Translator:
    """Return what puts English texts and numbers into the language; see `Translator`."""
    return Translator(language, texts)
