"""Which filters of the first convolution are detectors of edges or lines, and how well."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from runner.base.option_types import Count, Language, Natural
from runner.figures.canvas import BAR, Page, styled
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import FinishedRun
from runner.figures.gabor_fit import PARAMETERS, Array, GaborFit, fit_gabor, shuffled
from runner.figures.tick_numbers import write_ticks
from runner.figures.tile_grid import show_tiles, symmetric
from runner.figures.translations import Texts, translator
from runner.models.layer_outputs import convolutions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIDE, _CAPTION, _PER_ROW, _QUANTILE = 0.8, 0.5, 10, 0.95

TEXTS: Texts = {
    "edge": "borda",
    "line": "linha",
    "Edge and line detectors among the first filters": (
        "Detectores de bordas e linhas entre os primeiros filtros"
    ),
    "above a filter, below the Gabor function nearest to it; share of the energy explained": (
        "em cima um filtro, embaixo a função de Gabor mais próxima; fração explicada da energia"
    ),
    "{above} of {filters} beyond {limit:.2f}, as 5 % of {control} shuffled filters are": (
        "{above} de {filters} além de {limit:.2f}, como 5 % de {control} filtros embaralhados"
    ),
    "mean {mean:.2f}, of the shuffled ones {random:.2f}": (
        "média {mean:.2f}, a dos embaralhados {random:.2f}"
    ),
}


@made_for("convolutions of at least 5x5")
def filter_kinds(
    run: FinishedRun, *, limit: Count, shuffles: Count, seed: Natural = 0
) -> tuple[Figure, str] | None:
    """Draw each filter above the Gabor function nearest to it, the best explained one first.

    The same is fitted to filters whose weights are shuffled, since eight parameters explain some of
    25 weights in any order. None where there is no convolution with more weights than parameters.
    Of several input channels the sum is taken.

    Args:
        run: the finished run.
        limit: fit no more than so many filters.
        shuffles: of each filter.
        seed: of the shuffles.
    """
    found = convolutions(run.model)
    if not found:
        return None
    filters = np.asarray(found[0].kernel, np.float64).sum(axis=2).transpose(2, 0, 1)[:limit]
    if filters[0].size <= 2 * PARAMETERS:
        return None
    fits = [fit_gabor(weights) for weights in filters]
    control = np.array([fit_gabor(w).explained for w in shuffled(filters, shuffles, seed)])
    order = np.argsort([-fit.explained for fit in fits], kind="stable")
    lines = _summary([fit.explained for fit in fits], control, run.language)
    captions = [f"#{n}\n{_caption(fits[n], run.language)}" for n in order]
    drawn = draw_filter_kinds(
        filters[order], [fits[n] for n in order], captions, lines, run.language
    )
    table = [f"{n:3}  {_caption(fits[n], run.language).replace(chr(10), '  ')}" for n in order]
    return drawn, "\n".join([*lines, "", *table])


@styled()
def draw_filter_kinds(
    filters: Array, fits: list[GaborFit], captions: list[str], lines: list[str], language: Language
) -> Figure:
    """Draw filters [n, height, width], their fits and captions, in rows."""
    translate = translator(language, TEXTS)
    columns = min(_PER_ROW, len(filters))
    block = 2 * _SIDE + _CAPTION + 0.2
    rows = ceil(len(filters) / columns)
    title = translate("Edge and line detectors among the first filters")
    what = translate(
        "above a filter, below the Gabor function nearest to it; share of the energy explained"
    )
    page = Page(columns * _SIDE + BAR, rows * block, title, "\n".join([what, *lines]))
    scale = symmetric(filters, "")
    for row in range(rows):
        chosen = range(row * columns, min((row + 1) * columns, len(filters)))
        pairs = np.stack([filters[chosen], np.stack([fits[n].weights for n in chosen])])
        axes = page.axes(0, row * block, len(chosen) * _SIDE, 2 * _SIDE)
        picture = show_tiles(axes, pairs, scale)
        for column, number in enumerate(chosen):
            top = row * block + 2 * _SIDE + 0.03
            page.write(column * _SIDE, top, captions[number], size=7)
    page.bar(picture, columns * _SIDE, min(2 * _SIDE, 3.0), translate("weight"))
    return write_ticks(page.figure, language)


def _summary(explained: list[float], control: Array, language: Language) -> list[str]:
    translate, limit = translator(language, TEXTS), float(np.quantile(control, _QUANTILE))
    beyond = translate(
        "{above} of {filters} beyond {limit:.2f}, as 5 % of {control} shuffled filters are",
        above=sum(share > limit for share in explained),
        filters=len(explained),
        limit=limit,
        control=len(control),
    )
    means = translate(
        "mean {mean:.2f}, of the shuffled ones {random:.2f}",
        mean=np.mean(explained),
        random=control.mean(),
    )
    return [beyond, means]


def _caption(fit: GaborFit, language: Language) -> str:
    translate = translator(language, TEXTS)
    kind = translate("line") if fit.is_line else translate("edge")
    return f"{kind} {fit.angle:.0f}°\n{translate.number(fit.explained, '.2f')}"
