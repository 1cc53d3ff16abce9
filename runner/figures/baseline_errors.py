"""The errors of a network and of the baselines on its features, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.base.option_types import Language
from runner.base.seed_statistics import describe_seeds
from runner.evaluation.baselines.baseline_table import NETWORK, by_baseline
from runner.figures.canvas import chart, styled
from runner.figures.translations import texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = {"test_error": "test", "validation_error": "validation"}


@styled()
def draw_baselines(numbers: list[dict[str, Any]], language: Language = "en") -> Figure:
    """Draw test errors, or those of the validation images where there are no others.

    Args:
        numbers: of each seed, as in its `report.json`.
        language: of the texts.
    """
    say, kind = texts(language), next(kind for kind in _KINDS if kind in numbers[0])
    features = numbers[0]["features"]
    of = say("{count} features, layer {layer}").format(**features)
    if len(numbers) > 1:
        of += say("; mean and sd of {n} seeds").format(n=len(numbers))
    rows = by_baseline(numbers)
    figure = chart(7.2, 1.2 + 0.36 * len(rows), say("Baselines on the network's features"), of)
    axes = figure.subplots()
    for place, (name, own) in enumerate(rows.items()):
        error = describe_seeds([100 * seed[kind] for seed in own])
        color = "C1" if name == NETWORK else "C0"
        axes.barh(place, error["mean"], xerr=error.get("sd"), height=0.66, color=color, capsize=3)
        end, text = error["mean"] + error.get("sd", 0), f"{error['mean']:.2f} %"
        axes.annotate(text, (end, place), (5, 0), textcoords="offset points", va="center", size=8)
    axes.set_yticks(range(len(rows)), [say(NETWORK), *list(rows)[1:]])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"{say(_KINDS[kind])}: {say('error / %')}")
    return figure
