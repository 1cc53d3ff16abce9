"""Every text of the figures in Portuguese; the English text is its own key."""

from collections.abc import Callable
from typing import Literal

Language = Literal["en", "pt"]


def texts(language: Language) -> Callable[[str], str]:
    """Return the function that puts an English text into the language.

    Raises:
        KeyError: the Portuguese table lacks the text.
    """
    return _PORTUGUESE.__getitem__ if language == "pt" else str


_PORTUGUESE = {
    "Learning curves": "Curvas de aprendizagem",
    "epoch": "época",
    "loss": "função de custo",
    "error / %": "erro / %",
    "learning rate": "taxa de aprendizagem",
    "training": "treino",
    "validation": "validação",
    "best epoch {epoch}: {error:.2f} % error": "melhor época {epoch}: {error:.2f} % de erro",
    "Confusion matrix": "Matriz de confusão",
    "{errors} of {images} test images misclassified ({rate:.2f} %)": (
        "{errors} de {images} imagens de teste mal classificadas ({rate:.2f} %)"
    ),
    "given class": "classe atribuída",
    "true class": "classe verdadeira",
    "share of the true class / %": "fração da classe verdadeira / %",
    "the {shown} most confident are drawn": "desenhadas as {shown} de maior confiança",
    "true class (probability) → given class (probability); most confident first": (
        "classe verdadeira (probabilidade) → atribuída (probabilidade); a maior confiança primeiro"
    ),
    "First test images": "Primeiras imagens de teste",
    "true class (probability) → given class (probability); wrong ones are framed": (
        "classe verdadeira (probabilidade) → atribuída (probabilidade); erradas com moldura"
    ),
    "ROC curve": "Curva ROC",
    "Corner enlarged": "Canto ampliado",
    "positive class: {name}": "classe positiva: {name}",
    "false positive rate (1 - specificity) / %": (
        "taxa de falsos positivos (1 - especificidade) / %"
    ),
    "true positive rate (sensitivity) / %": "taxa de verdadeiros positivos (sensibilidade) / %",
    "chance": "acaso",
    "equal error: {rate:.2f} % at threshold {threshold:.3g}": (
        "erro igual: {rate:.2f} % com limiar {threshold:.3g}"
    ),
    "threshold 0.5: sensitivity {true:.2f} %, specificity {false:.2f} %": (
        "limiar 0.5: sensibilidade {true:.2f} %, especificidade {false:.2f} %"
    ),
}
