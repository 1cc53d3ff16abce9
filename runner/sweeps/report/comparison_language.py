"""What comparisons of runs print, in the language of the runs."""

from __future__ import annotations

from pathlib import Path

from runner.base.language import numbers_in_language
from runner.base.option_types import Language
from runner.run.table_language import in_language
from runner.tracking.run_configuration import configuration_of

PORTUGUESE = {
    "B is no better or worse than A as far as these seeds can tell": (
        "B não é melhor nem pior que A, até onde estas sementes permitem dizer"
    ),
    "B is no better or worse than A as far as these images can tell": (
        "B não é melhor nem pior que A, até onde estas imagens permitem dizer"
    ),
    "B is better than A": "B é melhor que A",
    "B is worse than A": "B é pior que A",
    " against ": " contra ",
    ", difference ": ", diferença ",
    "95 % confidence interval": "intervalo de 95 % de confiança",
    "paired t-test": "teste t pareado",
    "Welch's t-test": "teste t de Welch",
    "These seeds find a difference of": "Estas sementes encontram uma diferença de",
    "8 times of 10 (t-test, level 5 %); smaller ones need more seeds": (
        "8 vezes em 10 (teste t, nível de 5 %); menores precisam de mais sementes"
    ),
    " images are wrong in B alone, ": " imagens estão erradas só em B, ",
    " in A alone, ": " só em A, ",
    " images have more wrong labels in B, ": " imagens têm mais rótulos errados em B, ",
    " in A, p ": " em A, p ",
    "McNemar's exact test": "teste exato de McNemar",
    "exact sign test": "teste exato dos sinais",
    "That is said of these two networks": "Isto se diz destas duas redes",
    "That is said of these two ensembles": "Isto se diz destes dois conjuntos",
    "run both with seeds=10 to compare what made them": (
        "rode ambos com seeds=10 para comparar o que as fez"
    ),
    "On other seeds and images the difference B - A of": (
        "Com outras sementes e imagens a diferença B - A de"
    ),
    "On other images the difference B - A of": "Com outras imagens a diferença B - A de",
    " may be ": " pode ser ",
    "A network of B is better than one of A with probability": (
        "Uma rede de B é melhor que uma de A com probabilidade"
    ),
    "the criterion, above": "o critério, acima de",
    "and the interval above 0.5, is not met": "e o intervalo acima de 0.5, não é satisfeito",
    "and the interval above 0.5, is met": "e o intervalo acima de 0.5, é satisfeito",
    " others are worse than the best by ": " outros são piores que o melhor pelo ",
    ", on test data, with p corrected for": ", nos dados de teste, com p corrigido para",
    ", on validation data, with p corrected for": ", nos dados de validação, com p corrigido para",
    "comparisons (Holm) below": "comparações (Holm) abaixo de",
    "the best was chosen by the same numbers, which flatters it": (
        "o melhor foi escolhido pelos mesmos números, o que o favorece"
    ),
    "mean ± sd": "média ± dp",
    "difference": "diferença",
    "95 % interval": "intervalo de 95 %",
    "networks": "redes",
    ", averaged": ", em média",
    "test error": "erro de teste",
    "validation error": "erro de validação",
    "test MSE": "EQM de teste",
    "validation MSE": "EQM de validação",
    "wrong": "erradas",
    " labels, ": " rótulos, ",
    " of ": " de ",
}
"""By the English words, numbers left out."""
_LONGEST_FIRST = sorted(PORTUGUESE, key=len, reverse=True)


def language_in(folder: Path | None) -> Language:
    """Return the language of the run in a folder; English where that does not say."""
    configuration = configuration_of(folder) if folder else None
    language: Language = (configuration or {}).get("language", "en")
    return language


def translated(text: str, language: Language) -> str:
    """Return what a comparison says in a language; names of runs are no part of it."""
    whole = in_language(text, language)
    if language != "en" and whole == text:
        for english in _LONGEST_FIRST:
            whole = whole.replace(english, PORTUGUESE[english])
    return numbers_in_language(whole, language)
