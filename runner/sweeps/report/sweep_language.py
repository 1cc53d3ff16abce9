"""What a sweep says on the terminal and on its page, in its language; option names stay."""

from __future__ import annotations

from dataclasses import dataclass

from runner.base.error_texts import message_in
from runner.base.language import Phrases
from runner.base.option_types import Language
from runner.run.table_language import PORTUGUESE
from runner.sweeps.report.sweep_table import Table

PHRASES = Phrases(
    {
        **PORTUGUESE,
        "sweep": "varredura",
        "in": "em",
        "started": "começou",
        "finished before": "terminou antes",
        "finished": "terminou",
        "finished, on all training images": "terminou, com todas as imagens de treino",
        "failed": "falhou",
        "pruned": "podada",
        "killed": "morreu",
        "running": "em curso",
        "1 finished": "1 terminou",
        "{} finished": "{} terminaram",
        "1 failed": "1 falhou",
        "{} failed": "{} falharam",
        "1 pruned": "1 podada",
        "{} pruned": "{} podadas",
        "1 killed": "1 morreu",
        "{} killed": "{} morreram",
        "{} running": "{} em curso",
        "validation error {} % after epoch {}": "erro de validação {} % depois da época {}",
        "validation MSE {} after epoch {}": "EQM de validação {} depois da época {}",
        "registered as": "registrada como",
        "written to": "gravado em",
        "logged as run": "registrado como execução",
        "networks": "redes",
        "single networks, mean": "redes isoladas, média",
        "ensemble": "conjunto",
        "test error with TTA / %": "erro de teste com TTA / %",
        "validation error with TTA / %": "erro de validação com TTA / %",
        "sweep.max_failures={} reached: no other job is started": (
            "sweep.max_failures={} atingido: nenhuma outra execução começa"
        ),
        "job": "execução",
        "seeds": "sementes",
        "validation error / %": "erro de validação / %",
        "test error / %": "erro de teste / %",
        "training / s": "treino / s",
        "status": "estado",
        "Sorted by mean validation error; the test error is only shown.": (
            "Em ordem do erro médio de validação; o erro de teste é apenas mostrado."
        ),
        "Sorted by mean validation MSE; the test MSE is only shown.": (
            "Em ordem do EQM médio de validação; o EQM de teste é apenas mostrado."
        ),
        "Sorted by test error, since no validation images were split off: fit to look at, not to "
        "choose by. Set dataset.validation_fraction to choose.": (
            "Em ordem do erro de teste, pois nenhuma imagem foi separada para validação: serve "
            "para olhar, não para escolher. Para escolher, use dataset.validation_fraction."
        ),
        "Sorted by test MSE, since no validation images were split off: fit to look at, not to "
        "choose by. Set dataset.validation_fraction to choose.": (
            "Em ordem do EQM de teste, pois nenhuma imagem foi separada para validação: serve "
            "para olhar, não para escolher. Para escolher, use dataset.validation_fraction."
        ),
    }
)


@dataclass(frozen=True)
class TranslatedTable:
    """The texts of the table of a sweep in a language.

    Attributes:
        table: of the sweep.
        language: of words and numbers; what was chosen in the sweep stays as it was typed.
    """

    table: Table
    language: Language

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        names, options = self.table.header, len(self.table.varied)
        return [*names[:options], *(PHRASES.words(name, self.language) for name in names[options:])]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of each row."""
        chosen = len(self.table.varied) or 1  # the name of the job where nothing varied
        cells = map(self.table.cells, self.table.rows)
        return [
            [*row[:chosen], *(PHRASES.value(cell, self.language) for cell in row[chosen:])]
            for row in cells
        ]

    @property
    def counts(self) -> str:
        """How many jobs have each status."""
        counts = self.table.counts().items()
        return ", ".join(PHRASES.words(f"{n} {status}", self.language) for status, n in counts)

    @property
    def note(self) -> str:
        """A sentence on how the rows are sorted."""
        return PHRASES.words(self.table.note, self.language)

    @property
    def failures(self) -> list[str]:
        """A line for each job that failed or was killed, with its message."""
        return [
            f"{row.job} {PHRASES.words(row.status, self.language)}: "
            f"{message_in(row.error, self.language)}"
            for row in self.table.rows
            if row.error
        ]
