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
from runner.sweeps.report.sweep_language import TranslatedTable
from runner.sweeps.report.sweep_table import Table

TEXTS: Texts = {
    "Sweep {name}": "Varredura {name}",
    "How to repeat it": "Como repetir",
    "Jobs": "Execuções",
    "Figures": "Figuras",
    "{title} in the best job: {value}": "{title} na melhor execução: {value}",
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
        lead=[f"{translated.counts}. {translated.note}"],
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


def _best(table: Table, language: Language) -> str:
    """Return the objective of the first row in words; nothing where no job finished."""
    kind = "test" if table.by_test else "validation"
    if not table.finished or kind not in table.finished[0].means:
        return ""
    translate, best = translator(language, TEXTS), table.finished[0]
    mean, sd = best.means[kind], best.sds.get(kind)
    text = translate.number(mean, table.objective.mean_format)
    text += f" ± {translate.number(sd, table.objective.mean_format)}" if sd is not None else ""
    title = f"{translate(kind)}: {translate(table.objective.label)}"
    return translate("{title} in the best job: {value}").format(title=title, value=text)
