"""The words that a run prints at its beginning and its end, in the language of the run."""

from __future__ import annotations

import re

from runner.base.option_types import Language

_NUMBER = re.compile(r"\d[\d.,]*(?:e[-+]?\d+)?")

PORTUGUESE = {
    "test error": "erro de teste",
    "validation error": "erro de validação",
    "test loss": "perda de teste",
    "validation loss": "perda de validação",
    "error on training data": "erro nos dados de treino",
    "loss on training data": "perda nos dados de treino",
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
    "{} % ({} of {} wrong)": "{} % ({} de {} erradas)",
    "{} % (validation)": "{} % (validação)",
    "{} s, {} images/s": "{} s, {} imagens/s",
}
"""By the English text with {} for each number."""


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
