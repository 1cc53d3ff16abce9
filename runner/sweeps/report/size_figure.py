"""The error of a sweep against the number of training images, with a power law through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runner.base.lazy import matplotlib
from runner.base.option_types import Language
from runner.config.naming import short_key
from runner.figures.canvas import chart, styled
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, Translator, translator
from runner.sweeps.report.power_law import fit_power_law
from runner.sweeps.report.sweep_language import PHRASES
from runner.sweeps.report.sweep_table import JobRow, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = "dataset.train_size"
_MOST_LINES = 6
_MARKERS = "os^Dv<"
TEXTS: Texts = {
    "{what} against training images": "{what} pelo número de imagens de treino",
    "bars: ± one standard deviation over seeds; lines: power laws": (
        "barras: ± um desvio padrão das sementes; linhas: leis de potência"
    ),
    "training images": "imagens de treino",
}


@styled()
def draw_sizes(
    table: Table, rows: list[JobRow], kind: str, language: Language = "en"
) -> Figure | None:
    """Draw error against size, both logarithmic, a line for each other choice.

    None of one size, or where no error is above 0.

    Args:
        table: of the sweep.
        rows: its finished jobs, those without a size left out by the caller.
        kind: of error, test or validation.
        language: of the texts.
    """
    groups = _groups(table, rows)
    if not groups or not any(row.means[kind] > 0 for row in rows):
        return None
    translate = translator(language, TEXTS)
    what = sentence_case(PHRASES.words(f"{kind} {table.objective.title}", language))
    subtitle = translate("bars: ± one standard deviation over seeds; lines: power laws")
    figure = chart(6.4, 4.4, translate("{what} against training images", what=what), subtitle)
    axes = figure.subplots()
    for number, (name, members) in enumerate(groups.items()):
        _draw(axes, (name, members), kind, number, translate)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel(translate("training images"))
    axes.set_ylabel(PHRASES.words(f"{kind} {table.objective.label}", language))
    _label(axes, rows, kind, translate)
    figure.legend(loc="outside lower left")  # longer than the axes have room for
    return write_ticks(figure, language)


def sentence_case(text: str) -> str:
    """Return a text with a capital letter at its beginning; the others stay, as those of MSE."""
    return text[:1].upper() + text[1:]


def _groups(table: Table, rows: list[JobRow]) -> dict[str, list[JobRow]]:
    """Return the jobs of each choice of the other values that has two sizes or more."""
    others = [key for key in table.varied if key not in {SIZE, "seed"}]
    groups: dict[str, list[JobRow]] = {}
    for row in sorted(rows, key=_size):
        chosen = (f"{short_key(key, others)}={row.choices.get(key, '')}" for key in others)
        groups.setdefault(" ".join(chosen), []).append(row)
    several = {name: each for name, each in groups.items() if len(set(map(_size, each))) > 1}
    return dict(list(several.items())[:_MOST_LINES])


def _draw(
    axes: Axes, group: tuple[str, list[JobRow]], kind: str, number: int, translate: Translator
) -> None:
    name, rows = group
    sizes = np.array([_size(row) for row in rows])
    errors = np.array([row.means[kind] for row in rows])
    law, color = fit_power_law(sizes, errors), _colors()[number]
    label = ": ".join(filter(None, [name, law.sentence(translate.language) if law else ""]))
    bars = [row.sds.get(kind, np.nan) for row in rows]
    marker, name = _MARKERS[number], label or translate(kind)
    axes.errorbar(sizes, errors, yerr=bars, fmt=marker, color=color, capsize=3, label=name)
    if law:
        axes.plot(np.unique(sizes), law(np.unique(sizes)), color=color, marker="")


def _colors() -> list[str]:
    """Return the colors of the style, which a mere number would look up too late."""
    colors: list[str] = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    return colors


def _label(axes: Axes, rows: list[JobRow], kind: str, translate: Translator) -> None:
    """Write plain numbers on both axes: the sizes that were trained, and errors 1, 2, 5 apart."""
    sizes = sorted({_size(row) for row in rows})
    shown = sizes if len(sizes) < 10 else sizes[:: -(-len(sizes) // 9)]  # noqa: PLR2004
    axes.set_xticks(shown, [translate.number(size, ",.0f") for size in shown])
    axes.set_xticks([], minor=True)
    errors = [row.means[kind] for row in rows if row.means[kind] > 0]
    low, high = min(errors) / 1.5, max(errors) * 1.5
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    axes.set_yticks(ticks, [translate.number(tick, "g") for tick in ticks])
    axes.set_yticks([], minor=True)


def _size(row: JobRow) -> float:
    return float(row.choices[SIZE])


def sized(rows: list[JobRow]) -> list[JobRow]:
    """Return the rows whose number of training images was chosen; `null`, all of them, is none."""
    return [row for row in rows if row.choices.get(SIZE, "").replace("_", "").isdigit()]
