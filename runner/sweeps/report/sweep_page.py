"""The page of a sweep: its table, figures, and how to repeat it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from runner.base.option_types import Language
from runner.base.shell import shell_line
from runner.figures.translations import Texts, translator
from runner.run.html_page import HtmlPage, Section, pictures
from runner.run.run_page import PAGE
from runner.sweeps.report.sweep_language import PHRASES, TranslatedTable
from runner.sweeps.report.sweep_table import Table

TEXTS: Texts = {
    "Sweep {name}": "Varredura {name}",
    "How to repeat it": "Como repetir",
    "Jobs": "Execuções",
    "Figures": "Figuras",
    "Jobs that differ in {options}: {counts}": "Execuções que diferem em {options}: {counts}",
    "Lowest {error}: {value}": "Menor {error}: {value}",
    "with {choices}": "com {choices}",
    "mean ± standard deviation of {n} seeds": "média ± desvio padrão de {n} sementes",
}


def write_sweep_page(
    table: Table,
    command: str,
    folder: Path,
    drawn: Iterable[Path],
    language: Language,
) -> Path:
    """Write `report.html` into the folder of a sweep, and return its path.

    Args:
        table: of the sweep.
        command: the overrides of its command line; empty where they are unknown.
        folder: of the sweep.
        drawn: files of its figures.
        language: of words and numbers; what was chosen in the sweep stays as it was typed.
    """
    translate = translator(language, TEXTS)
    translated = TranslatedTable(table, language)
    words = re.split(r" (?=[+~]*[\w./@-]+=)", command)  # a value may hold spaces
    repeat = shell_line(["python", "-m", "runner", "-m", *words]) if command else ""
    return HtmlPage(
        title=translate("Sweep {name}").format(name=table.sweep),
        lead=[f"{_counts(translated)}. {translated.note}"],
        result=_best(table, language),
        sections=[
            Section(translate("How to repeat it"), text=repeat),
            Section(
                translate("Jobs"),
                translated.header,
                translated.rows,
                "\n".join(translated.failures),
            ),
            Section(translate("Figures"), pictures=pictures(drawn)),
        ],
        language=language,
    ).write(folder / PAGE)


def _counts(table: TranslatedTable) -> str:
    """Return what the jobs of a sweep differ in, if in anything, and how many ended how."""
    options = ", ".join(table.header[: len(table.table.varied)])
    if not options:
        return table.counts
    translate = translator(table.language, TEXTS)
    text = translate("Jobs that differ in {options}: {counts}")
    return text.format(options=options, counts=table.counts)


def _best(table: Table, language: Language) -> str:
    """Return the lowest error and the choices that gave it; nothing where no job finished."""
    kind = "test" if table.by_test else "validation"
    if not table.finished or kind not in table.finished[0].means:
        return ""
    translate, best, objective = translator(language, TEXTS), table.finished[0], table.objective
    values = [of[kind] for of in (best.means, best.sds) if kind in of]
    numbers = " ± ".join(translate.number(value, objective.mean_format) for value in values)
    error = PHRASES.words(f"{kind} {objective.title}", language)
    text = translate("Lowest {error}: {value}")
    parts = [text.format(error=error, value=objective.with_unit(numbers))]
    if choices := ", ".join(f"{name}={value}" for name, value in table.chosen(best)):
        parts.append(translate("with {choices}").format(choices=choices))
    if len(values) > 1:
        seeds = translate("mean ± standard deviation of {n} seeds").format(n=best.seeds)
        parts.append(f"({seeds})")
    return " ".join(parts)
