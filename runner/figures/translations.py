"""Every text of the figures in Portuguese; the English text is its own key."""

from __future__ import annotations

from collections.abc import Callable

from runner.base.option_types import Language


def texts(language: Language) -> Callable[[str], str]:
    """Return the function that puts an English text into the language.

    Raises:
        KeyError: the Portuguese table lacks the text.
    """
    return _PORTUGUESE.__getitem__ if language == "pt" else str


_PORTUGUESE = {
    "Error over {n} seeds": "Erro com {n} sementes",
    "seed": "semente",
    "MSE": "EQM",
    "Predicted against true numbers": "Números previstos e verdadeiros",
    "predicted": "previsto",
    "true value": "valor verdadeiro",
    "predicted - true": "previsto - verdadeiro",
    "mean absolute error": "erro absoluto médio",
    "test": "teste",
    "mean {mean:.3f} ± {sd:.3f} (sd); band: 95 % interval of the mean": (
        "média {mean:.3f} ± {sd:.3f} (dp); faixa: intervalo de 95 % da média"
    ),
    "Baselines on the network's features": "Classificadores sobre as características da rede",
    "{count} features, layer {layer}": "{count} características, camada {layer}",
    "; mean and sd of {n} seeds": "; média e dp de {n} sementes",
    "network": "rede",
    "Learning curves": "Curvas de aprendizagem",
    "epoch": "época",
    "loss": "função de custo",
    "error / %": "erro / %",
    "learning rate": "taxa de aprendizagem",
    "training": "treino",
    "validation": "validação",
    "best epoch {epoch}: {error:.2f} % error": "melhor época {epoch}: {error:.2f} % de erro",
    "fine-tuning": "ajuste fino",
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
    "ROC curve not drawn: all test images show {name}": (
        "Curva ROC não desenhada: todas as imagens de teste mostram {name}"
    ),
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
    "weight": "peso",
    "Filters of the first convolution": "Filtros da primeira convolução",
    "{filters} filters of {height} x {width} weights; layer {name}": (
        "{filters} filtros de {height} x {width} pesos; camada {name}"
    ),
    "{filters} filters of {height} x {width} weights for {channels} input channels": (
        "{filters} filtros de {height} x {width} pesos para {channels} canais de entrada"
    ),
    "the first {limit} are drawn": "desenhados os primeiros {limit}",
    "Filters of layer {name}": "Filtros da camada {name}",
    "rows: input channels; columns: filters": "linhas: canais de entrada; colunas: filtros",
    "Filters of the first convolution after each epoch": (
        "Filtros da primeira convolução após cada época"
    ),
    "rows: epochs, 0 is before training; columns: filters": (
        "linhas: épocas, 0 é antes do treino; colunas: filtros"
    ),
    "activation": "ativação",
    "{count} maps of {height} x {width}": "{count} mapas de {height} x {width}",
    "crossed out: dead, never active ({dead})": "com cruz: mortos, nunca ativos ({dead})",
    "Feature maps of layer {name}": "Mapas de características da camada {name}",
    "image": "imagem",
    "Class activation (Grad-CAM)": "Ativação da classe (Grad-CAM)",
    "layer {name}; the line encloses what is above half of the maximum": (
        "camada {name}; a linha rodeia o que excede metade do máximo"
    ),
    "share of the maximum": "fração do máximo",
    "Images that maximize the classes": "Imagens que maximizam as classes",
    "gradient ascent from noise around the mean image; probability of the class": (
        "subida do gradiente a partir de ruído em torno da imagem média; probabilidade da classe"
    ),
    "unit {unit}": "unidade {unit}",
    "Images that maximize units of layer {name}": (
        "Imagens que maximizam unidades da camada {name}"
    ),
    "gradient ascent from noise around the mean image": (
        "subida do gradiente a partir de ruído em torno da imagem média"
    ),
    "Reliability": "Fiabilidade",
    "expected calibration error {error:.2f} %": "erro de calibração esperado {error:.2f} %",
    "confidence / %": "confiança / %",
    "accuracy / %": "exatidão / %",
    "images": "imagens",
    "perfectly calibrated": "calibração perfeita",
    "Hardest training images": "Imagens de treino mais difíceis",
    "label (probability) → given class (probability); largest loss first": (
        "etiqueta (probabilidade) → atribuída (probabilidade); o maior custo primeiro"
    ),
    "Likely label errors in the training set: {count} of {images}": (
        "Prováveis erros de etiqueta no conjunto de treino: {count} de {images}"
    ),
    "label (probability) → likely class (probability); likeliest error first": (
        "etiqueta (probabilidade) → provável (probabilidade); o erro mais provável primeiro"
    ),
    "Features before the last layer, in two dimensions": (
        "Características antes da última camada, em duas dimensões"
    ),
    "{count} test images; circles: misclassified; method: {method}": (
        "{count} imagens de teste; círculos: mal classificadas; método: {method}"
    ),
    "component {n} ({share:.0f} % of the variance)": "componente {n} ({share:.0f} % da variância)",
    "t-SNE dimension {n}": "dimensão t-SNE {n}",
    "Network {name}": "Rede {name}",
    "{parameters} parameters, {trained} of them trained": (
        "{parameters} parâmetros, {trained} deles treinados"
    ),
    "{layers} layers inside": "{layers} camadas dentro",
    "Augmentation: {names}": "Aumento de dados: {names}",
    "framed: as stored; beside it: as the network is trained on it": (
        "com moldura: como guardada; ao lado: como a rede a vê no treino"
    ),
    "What the network was shown": "O que foi mostrado à rede",
    "given class (probability)": "classe atribuída (probabilidade)",
    "given class (probability); wrong ones are framed": (
        "classe atribuída (probabilidade); erradas com moldura"
    ),
    "layer": "camada",
    "Output for the first test images": "Saída para as primeiras imagens de teste",
    "true": "verdadeira",
    "given": "atribuída",
    "Environment": "Ambiente",
    "output shape": "forma da saída",
    "parameters": "parâmetros",
}
