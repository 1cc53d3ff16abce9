"""A sweep on the terminal: a line for each job, and the table at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape

from runner.base.console import console, say, show_table
from runner.base.objective import objective_of, objective_values
from runner.sweeps.report.sweep_table import Table

_COLORS = {"failed": "red", "killed": "red", "pruned": "yellow", "running": "cyan"}


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


def show_sweep_table(table: Table) -> None:
    """Print a table, how it is sorted, and what went wrong."""
    counts = ", ".join(f"{n} {status}" for status, n in table.counts().items())
    show_table(
        table.header,
        map(table.cells, table.rows),
        title=f"{table.sweep}: {counts}",
        styles=[_COLORS.get(row.status, "") for row in table.rows],
        right=False,
        whole=0,
    )
    say(table.note)
    for line in table.failures:
        console.print(f"[red]{escape(line)}", soft_wrap=True)
