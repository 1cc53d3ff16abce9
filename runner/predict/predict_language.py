"""What `predict` and `inspect` print, in a language."""

from __future__ import annotations

from runner.base.language import Phrases
from runner.base.option_types import Language

UNTRAINED = "note: this network was not trained: its run had training.epochs=0"
UNTOUCHED = "the run left the test images untouched; its figures now look at them"
OTHERS = "note: the test images or rows are not those of the run; figures are of these"
FROM_THERE = (
    ", where the run's training data came from: this is no error on new data; for that see the "
    "run's test error"
)
_PREPARED = {
    "as it is": "como está",
    "{}..{} -> {}..{}": "{}..{} -> {}..{}",
    "stretched {}x{} -> {}x{}": "esticada {}x{} -> {}x{}",
    "padded {}x{} -> {}x{}": "com margem {}x{} -> {}x{}",
    "middle of {}x{} -> {}x{}": "meio de {}x{} -> {}x{}",
    "ink of {}x{} in {}x{} -> {}x{}": "traço de {}x{} em {}x{} -> {}x{}",
}
_PHRASES = Phrases(
    _PREPARED
    | {f"inverted, {one}": f"invertida, {other}" for one, other in _PREPARED.items()}
    | {
        "input": "entrada",
        "class": "classe",
        "probability": "probabilidade",
        "then": "depois",
        "true": "verdadeira",
        "seen as": "vista",
        "labels": "rótulos",
        "not": "não",
        "none": "nenhum",
        "(wrong)": "(errada)",
        "network": "rede",
        "of": "de",
        "left out": "deixados",
        "not drawn": "ausente",
        "written": "escrito",
        "drawn": "desenhado",
        "saved": "salva",
        "logged": "guardado",
        "error": "erro",
        "not read": "não lidas",
        "{} by their names": "{} pelos nomes",
        "{} % ({} of {} wrong)": "{} % ({} de {} erradas)",
        "{} of {}": "{} de {}",
        "with run": "com a execução",
        UNTRAINED: "nota: esta rede não foi treinada: sua execução tinha training.epochs=0",
        OTHERS: (
            "nota: as imagens ou linhas de teste não são as da execução; as figuras são destas"
        ),
        "note: all that was read is from": "nota: tudo o que foi lido é de",
        "note: {} of {} files are from": "nota: {} de {} arquivos são de",
        FROM_THERE: (
            ", de onde vieram os dados de treino da execução: este não é um erro com dados novos; "
            "para isso veja o erro de teste da execução"
        ),
        UNTOUCHED: (
            "a execução não tocou nas imagens de teste; agora suas figuras olham para elas"
        ),
    }
)


def in_language(text: str, language: Language) -> str:
    """Return a heading, a preparation or a line; one that is not known stays English."""
    return _PHRASES.value(text, language)


def labeled(label: str, text: str, language: Language) -> str:
    """Return a line with what its text is about before it; the text stays as it is."""
    return f"{_PHRASES.words(label, language):<9} {text}"
