"""Errors of a network and of the baselines on its features, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.base.option_types import Language
from runner.base.seed_statistics import describe_seeds
from runner.evaluation.baselines.baseline_table import NETWORK, by_baseline
from runner.figures.canvas import chart, styled
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = {"test_error": "test", "validation_error": "validation"}

TEXTS: Texts = {
    "Baselines on the network's features": "Classificadores sobre as características da rede",
    "one feature, layer {layer}": "uma característica, camada {layer}",
    "{count} features, layer {layer}": "{count} características, camada {layer}",
    "; mean and sd of {n} seeds": "; média e dp de {n} sementes",
    "network": "rede",
}


@styled()
def draw_baselines(numbers: list[dict[str, Any]], language: Language = "en") -> Figure:
    """Draw test errors, or those of the validation images where there are no others.

    Args:
        numbers: of each seed, as in its `report.json`.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    kind = next(kind for kind in _KINDS if kind in numbers[0])
    features = numbers[0]["features"]
    if features["count"] > 1:
        subtitle = translate("{count} features, layer {layer}", **features)
    else:
        subtitle = translate("one feature, layer {layer}", layer=features["layer"])
    if len(numbers) > 1:
        subtitle += translate("; mean and sd of {n} seeds", n=len(numbers))
    rows = by_baseline(numbers)
    title = translate("Baselines on the network's features")
    figure = chart(7.2, 1.2 + 0.36 * len(rows), title, subtitle)
    axes = figure.subplots()
    for row, (name, metrics) in enumerate(rows.items()):
        error = describe_seeds([100 * seed[kind] for seed in metrics])
        color = "C1" if name == NETWORK else "C0"
        axes.barh(row, error["mean"], xerr=error.get("sd"), height=0.66, color=color, capsize=3)
        end = error["mean"] + error.get("sd", 0)
        text = f"{translate.number(error['mean'], '.2f')} %"
        axes.annotate(text, (end, row), (5, 0), textcoords="offset points", va="center", size=8)
    axes.set_yticks(range(len(rows)), [translate(NETWORK), *list(rows)[1:]])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"{translate(_KINDS[kind])}: {translate('error / %')}")
    return write_ticks(figure, language)
