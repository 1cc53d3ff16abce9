"""The words that a run prints at its beginning and its end, in its language."""

from __future__ import annotations

from functools import partial
from typing import Any

from runner.base.language import Phrases
from runner.base.option_types import Language
from runner.evaluation.baselines.baseline_table import baseline_rows, baseline_title

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
    "rows with all labels right": "linhas com todos os rótulos certos",
    "images with all labels right": "imagens com todos os rótulos certos",
    "precision, recall, F1: macro": "precisão, revocação, F1: macro",
    "precision, recall, F1: micro": "precisão, revocação, F1: micro",
    "AUC, accuracy at equal error": "AUC, acurácia na taxa de erro igual",
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
    "{} cores": "{} núcleos",
    "device=auto: TensorFlow found no GPU": "device=auto: o TensorFlow não achou GPU",
    (
        "device=auto: TensorFlow found no GPU: CUDA libraries are missing; install the extra [cuda]"
    ): (
        "device=auto: o TensorFlow não achou GPU: faltam as bibliotecas de CUDA; instale o extra "
        "[cuda]"
    ),
    "device=auto: TensorFlow found {} GPU(s)": "device=auto: o TensorFlow achou {} GPU(s)",
    "device=gpu: TensorFlow found {} GPU(s)": "device=gpu: o TensorFlow achou {} GPU(s)",
    "results": "pasta",
    "figures": "figuras",
    "not drawn": "ausentes",
    "resumes": "retoma",
    "learns of": "aprende de",
    "{} networks": "{} redes",
    "failed": "falhou",
    "interrupted": "interrompida",
    "this network or its data have nothing to show there": (
        "esta rede ou seus dados não têm o que mostrar ali"
    ),
    "made for two classes": "feitas para duas classes",
    "the network, or what is known of it, lacks what it shows": (
        "a rede, ou o que se sabe dela, não tem o que se mostra ali"
    ),
    "recorded in a training whose figures= names it": (
        "registradas em um treino cujo figures= as nomeia"
    ),
    "made for numbers": "feitas para números",
    "made for pictures": "feitas para imagens",
    "made for several seeds": "feitas para várias sementes",
    "made for two features and at most 20,000 weights, recorded in training": (
        "feitas para duas características e no máximo 20 000 pesos, registrados no treino"
    ),
    "made for convolutions of at least 5x5": "feitas para convoluções de ao menos 5x5",
    "made for convolutions": "feitas para convoluções",
    "made for classes, not for numbers": "feitas para classes, não para números",
    "made for one class each or numbers, not for several labels": (
        "feitas para uma classe cada ou números, não para vários rótulos"
    ),
    "made for numbers or several labels, not for one class each": (
        "feitas para números ou vários rótulos, não para uma classe cada"
    ),
    "serve": "servir",
    "this run": "execução",
    "all runs": "todas",
    "compare": "comparar",
    "fitted on": "ajustado em",
    "fit": "ajuste",
    "predict": "predição",
    "{} % ({} of {} wrong)": "{} % ({} de {} erradas)",
    "{} % (validation)": "{} % (validação)",
    "{}  {}  {}  ({} % wrong)": "{}  {}  {}  ({} % erradas)",
    "network": "rede",
    "Baselines on {} feature": "Classificadores sobre {} característica",
    "Baselines on {} features": "Classificadores sobre {} características",
    "layer": "camada",
    "mean ± sd of {} seeds": "média ± dp de {} sementes",
    "the network was trained on": "a rede foi treinada com",
    "{} images of": "{} imagens de",
    "{} rows of": "{} linhas de",
    "and, before,": "e, antes, com",
    "nothing": "nada",
    "{} s, {} rows/s": "{} s, {} linhas/s",
    "{} s, {} images/s": "{} s, {} imagens/s",
}
"""By the English text with {} for each number."""

_PHRASES = Phrases(PORTUGUESE)
in_language = _PHRASES.words
value_in_language = _PHRASES.value
rows_in_language = _PHRASES.rows


def baselines_in_language(
    reports: list[dict[str, Any]], language: Language
) -> tuple[str, list[str], list[list[str]]]:
    """Return title, header and rows of the table of baselines; see `baseline_title`."""
    title = baseline_title(reports, partial(value_in_language, language=language))
    header, network, *others = rows_in_language(baseline_rows(reports), language)
    return title, header, [[in_language(network[0], language), *network[1:]], *others]
