"""Table of the environment of a run: versions and hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.base.option_types import Language
from runner.figures.canvas import Page, styled, text_width
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import FinishedRun
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _GAP = 0.24, 0.3

TEXTS: Texts = {"Environment": "Ambiente"}


@of_results_alone
def environment(run: FinishedRun) -> tuple[Figure, str] | None:
    """Draw and write the versions and the hardware of a run; None where they are unknown."""
    if not run.environment:
        return None
    width = max(map(len, run.environment))
    lines = [f"{name:{width}}  {value}" for name, value in run.environment.items()]
    return draw_environment(run.environment, language=run.language), "\n".join(lines)


@styled()
def draw_environment(values: dict[str, str], *, language: Language = "en") -> Figure:
    """Draw a row for each name and value."""
    left = max(text_width(name, 9, "bold") for name in values) + _GAP
    width = left + max(text_width(value, 9) for value in values.values())
    translate = translator(language, TEXTS)
    page = Page(width, _ROW * len(values), translate("Environment"))
    for row, (name, value) in enumerate(values.items()):
        page.write(0, row * _ROW, name, size=9, weight="bold")
        page.write(left, row * _ROW, value, size=9)
    return page.figure
