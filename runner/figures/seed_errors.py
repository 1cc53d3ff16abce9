"""The spread of one configuration's errors over its seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.base.objective import SPLITS, Objective, objective_of
from runner.base.option_types import Language
from runner.base.seed_statistics import describe_seeds
from runner.figures.canvas import chart, styled
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEXTS: Texts = {
    "Error of each seed": "Erro de cada semente",
    "seed": "semente",
    "MSE": "EQM",
    "mean {mean} ± {sd} (sd)": "média {mean} ± {sd} (dp)",
    "mean {mean} ± {sd} (sd); band: 95 % interval of the mean": (
        "média {mean} ± {sd} (dp); faixa: intervalo de 95 % da média"
    ),
}


@styled()
def draw_seeds(numbers: list[dict[str, Any]], language: Language = "en") -> Figure:
    """Draw each seed's errors, their mean and its 95 % confidence interval.

    Args:
        numbers: of each seed, as in its `report.json`.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    objective = objective_of(numbers[0])
    kinds = [
        kind for kind in SPLITS if all(objective.metric_name(kind) in seed for seed in numbers)
    ]
    width = max(4.0, 1.5 + 0.35 * len(numbers))
    figure = chart(width, 1 + 2.4 * len(kinds), translate("Error of each seed"))
    rows = figure.subplots(len(kinds), 1, sharex=True, squeeze=False)[:, 0]
    for axes, kind in zip(rows, kinds, strict=True):
        _draw(
            axes,
            [objective.scale * seed[objective.metric_name(kind)] for seed in numbers],
            objective,
            language,
        )
        axes.set_ylabel(f"{translate(kind)}: {translate(objective.label)}")
    rows[-1].set_xticks(range(len(numbers)), [str(seed["seed"]) for seed in numbers])
    rows[-1].set_xlabel(translate("seed"))
    return write_ticks(figure, language)


def _draw(axes: Axes, errors: list[float], objective: Objective, language: Language) -> None:
    described = describe_seeds(errors, objective.scale * objective.largest)
    axes.plot(errors, "o")
    if "sd" not in described:
        return
    translate = translator(language, TEXTS)
    mean, sd = described["mean"], described["sd"]
    texts = [translate.number(value, objective.mean_format) for value in (mean, sd)]
    shown = dict(zip(("mean", "sd"), texts, strict=True))
    label = translate("mean {mean} ± {sd} (sd)", **shown)
    if "ci95_low" in described:
        label = translate("mean {mean} ± {sd} (sd); band: 95 % interval of the mean", **shown)
        axes.axhspan(described["ci95_low"], described["ci95_high"], color="black", alpha=0.1, lw=0)
    axes.axhline(mean, color="black", ls="-", lw=1.2, label=label)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0)
