"""Output of a sweep on the terminal: a line for each job, and the table at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape

from runner.base.console import console, say, show_table
from runner.base.error_texts import message_in
from runner.base.language import numbers_in_language
from runner.base.objective import objective_of, objective_values
from runner.base.option_types import Language
from runner.sweeps.report.sweep_language import PHRASES, TranslatedTable
from runner.sweeps.report.sweep_table import Table

_COLORS = {"failed": "red", "killed": "red", "pruned": "yellow", "running": "cyan"}


def show_sweep(name: str, folder: Path, language: Language) -> None:
    """Print name and folder of a sweep that starts."""
    sweep, inside = (PHRASES.words(word, language) for word in ("sweep", "in"))
    console.print(f"[bold]{sweep} {escape(name)}[/] {inside} {folder}", soft_wrap=True)


def show_start(job: str, language: Language) -> None:
    """Print that a job of a sweep starts."""
    started = PHRASES.words("started", language)
    console.print(f"[cyan]{started:<8}[/]  {escape(job)}", soft_wrap=True)


def show_skipped(job: str, language: Language) -> None:
    """Print that a job was finished by an earlier start."""
    console.print(f"[dim]{PHRASES.words('finished before', language)}  {escape(job)}[/]")


def show_outcome(
    job: str, status: str, summary: dict[str, Any], error: str, language: Language
) -> None:
    """Print the outcome of a job: status, errors, and message."""
    objective = objective_of(summary)
    values = [
        f"{PHRASES.words(f'{split} {objective.title}', language)} "
        f"{numbers_in_language(objective.text(spread['mean']), language)}"
        for split, spread in objective_values(summary).items()
    ]
    color = {"finished": "green", "pruned": "yellow"}.get(status, "bold red")
    pruned = status == "pruned"
    said = PHRASES.value(error, language) if pruned else message_in(error, language)
    message, shown = (
        escape(", ".join(filter(None, [*values, said]))),
        PHRASES.words(status, language),
    )
    console.print(f"[{color}]{shown}[/]  {escape(job)}  {message}", soft_wrap=True)


def show_registered(address: str, language: Language) -> None:
    """Print the address of the network that was registered."""
    say(f"{PHRASES.words('registered as', language)} {address}")


def show_stop(failures: int, language: Language) -> None:
    """Print that no further job starts after too many failures."""
    reached = f"sweep.max_failures={failures} reached: no other job is started"
    console.print(PHRASES.words(reached, language))


def show_sweep_table(table: Table, language: Language) -> None:
    """Print the table of a sweep, its order, and the failures."""
    translated = TranslatedTable(table, language)
    show_table(
        translated.header,
        translated.rows,
        title=f"{table.sweep}: {translated.counts}",
        styles=[_COLORS.get(row.status, "") for row in table.rows],
        right=False,
        whole=0,
    )
    say(translated.note)
    for line in translated.failures:
        console.print(f"[red]{escape(line)}", soft_wrap=True)
