"""The words and numbers that a run prints at its beginning and its end, in its language."""

from __future__ import annotations

import re

from runner.base.option_types import Language
from runner.figures.translations import NARROW_SPACE, written

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")

PORTUGUESE = {
    "test error": "erro de teste",
    "validation error": "erro de validação",
    "test loss": "perda de teste",
    "validation loss": "perda de validação",
    "error on training data": "erro nos dados de treino",
    "loss on training data": "perda nos dados de treino",
    "MSE on training data": "EQM nos dados de treino",
    "test MSE": "EQM de teste",
    "validation MSE": "EQM de validação",
    "95 % confidence interval of the mean": "intervalo de 95 % de confiança da média",
    "95 % interval (Wilson)": "intervalo de 95 % (Wilson)",
    "sd by the binomial alone": "dp só pela binomial",
    "with test-time augmentation": "com aumento de dados no teste",
    "ensemble of {} networks": "conjunto de {} redes",
    "ensemble with test-time augmentation": "conjunto com aumento de dados no teste",
    "sensitivity, specificity": "sensibilidade, especificidade",
    "images with all labels right": "imagens com todos os rótulos certos",
    "precision, recall, F1: macro": "precisão, revocação, F1: macro",
    "precision, recall, F1: micro": "precisão, revocação, F1: micro",
    "AUC, accuracy at equal error": "AUC, acerto na taxa de erro igual",
    "precision, recall, F1: mean": "precisão, revocação, F1: média",
    "precision, recall, F1: weighted": "precisão, revocação, F1: ponderada",
    "lowest F1": "menor F1",
    "seed {}": "semente {}",
    "training": "treino",
    "none": "nenhum",
    "compilation before it": "compilação antes dele",
    "prediction": "predição",
    "parameters": "parâmetros",
    "run": "execução",
    "data": "dados",
    "with": "com",
    "device": "aparelho",
    "results": "pasta",
    "figures": "figuras",
    "serve": "servir",
    "this run": "execução",
    "all runs": "todas",
    "compare": "comparar",
    "fitted on": "ajustado em",
    "fit": "ajuste",
    "predict": "predizer",
    "{} % ({} of {} wrong)": "{} % ({} de {} erradas)",
    "{} % (validation)": "{} % (validação)",
    "{}  {}  {}  ({} % wrong)": "{}  {}  {}  ({} % erradas)",
    "{} s, {} images/s": "{} s, {} imagens/s",
}
"""By the English text with {} for each number."""


def value_in_language(text: str, language: Language) -> str:
    """Return a value of a run in a language, its numbers too; for what holds no name.

    Args:
        text: a cell, with numbers as Python writes them: `1,234.5`.
        language: of the run.
    """
    return numbers_in_language(in_language(text, language), language)


def numbers_in_language(text: str, language: Language) -> str:
    """Return a text with its numbers as a language writes them, and its words as they are.

    Thousands are grouped by a space that terminals without Unicode have, too.
    """
    numbers = _NUMBER.sub(lambda found: written(found[0], language), text)
    return numbers.replace(NARROW_SPACE, "\N{NO-BREAK SPACE}")


def rows_in_language(rows: list[list[str]], language: Language) -> list[list[str]]:
    """Return the rows of a table in a language; the first cell of each is a name, and stays."""
    return [[name, *(value_in_language(cell, language) for cell in row)] for name, *row in rows]


def in_language(text: str, language: Language) -> str:
    """Return a text of a run in a language; what has no translation stays English.

    Args:
        text: a cell, with leading spaces where it is indented.
        language: of the run.
    """
    if language == "en":
        return text
    words = text.lstrip()
    numbers = _NUMBER.findall(words)
    whole = PORTUGUESE.get(words) or PORTUGUESE.get(_NUMBER.sub("{}", words))
    if whole is not None:
        found = whole.format(*numbers) if "{}" in whole else whole
    else:  # a name after a colon is a class, and has been translated
        first, colon, name = words.partition(": ")
        found = PORTUGUESE.get(first, first) + colon + name
    return text[: len(text) - len(words)] + found
