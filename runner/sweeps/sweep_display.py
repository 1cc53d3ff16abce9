"""A sweep on the terminal: a line for each job, and the table at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from runner.base.console import console
from runner.base.objective import objective_of, objective_values
from runner.sweeps.report.sweep_table import Table

_COLORS = {"failed": "red", "killed": "red", "pruned": "yellow", "running": "cyan"}
_WIDTH_OF_FILES = 160


def show_sweep(name: str, folder: Path) -> None:
    """Print which sweep starts or goes on, and where."""
    console.print(f"[bold]sweep {escape(name)}[/] in {folder}", soft_wrap=True)


def show_start(job: str) -> None:
    """Print that a job of a sweep starts."""
    console.print(f"[cyan]started[/]   {escape(job)}", soft_wrap=True)


def show_skipped(job: str) -> None:
    """Print that a job was finished before."""
    console.print(f"[dim]finished before  {escape(job)}[/]")


def show_outcome(job: str, status: str, summary: dict[str, Any], error: str) -> None:
    """Print how a job of a sweep ended."""
    objective = objective_of(summary)
    numbers = [
        f"{split} {objective.title} {objective.text(spread['mean'])}"
        for split, spread in objective_values(summary).items()
    ]
    color = {"finished": "green", "pruned": "yellow"}.get(status, "bold red")
    message = escape(", ".join(numbers) or error)
    console.print(f"[{color}]{status}[/]  {escape(job)}  {message}", soft_wrap=True)


def show_stop(failures: int) -> None:
    """Print that too many jobs have failed to go on."""
    console.print(f"sweep.max_failures={failures} reached: no other job is started")


def show_rows(rows: list[list[str]]) -> None:
    """Print rows, the first of them as their head."""
    header, *others = rows
    shown = RichTable(box=box.SIMPLE_HEAD)
    for number, name in enumerate(header):
        shown.add_column(escape(name), overflow="fold", justify="right" if number else "left")
    for row in others:
        shown.add_row(*map(escape, row))
    _wide().print(shown)


def show_sweep_table(table: Table) -> None:
    """Print a table."""
    counts = ", ".join(f"{n} {status}" for status, n in table.counts().items())
    title = f"{escape(table.sweep)}: {counts}"
    shown = RichTable(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    for name in table.header:
        shown.add_column(escape(name), overflow="fold")
    for row in table.rows:
        shown.add_row(*map(escape, table.cells(row)), style=_COLORS.get(row.status, ""))
    wide = _wide()
    wide.print(shown)
    wide.print(table.note)
    for line in table.failures:
        wide.print(f"[red]{escape(line)}", soft_wrap=True)


def _wide() -> Console:
    """Return the console, or a wide one where a file or pipe takes what is printed."""
    return console if console.is_terminal else Console(width=_WIDTH_OF_FILES, highlight=False)
