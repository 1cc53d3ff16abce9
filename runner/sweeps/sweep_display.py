"""Output of a sweep on the terminal: a line for each job, and the table at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape

from runner.base.console import console, say, show_table
from runner.base.objective import objective_of, objective_values
from runner.sweeps.report.sweep_table import Table

_COLORS = {"failed": "red", "killed": "red", "pruned": "yellow", "running": "cyan"}


def show_sweep(name: str, folder: Path) -> None:
    """Print name and folder of a sweep that starts."""
    console.print(f"[bold]sweep {escape(name)}[/] in {folder}", soft_wrap=True)


def show_start(job: str) -> None:
    """Print that a job of a sweep starts."""
    console.print(f"[cyan]started[/]   {escape(job)}", soft_wrap=True)


def show_skipped(job: str) -> None:
    """Print that a job was finished by an earlier start."""
    console.print(f"[dim]finished before  {escape(job)}[/]")


def show_outcome(job: str, status: str, summary: dict[str, Any], error: str) -> None:
    """Print the outcome of a job: status, and errors or message."""
    objective = objective_of(summary)
    values = [
        f"{split} {objective.title} {objective.text(spread['mean'])}"
        for split, spread in objective_values(summary).items()
    ]
    color = {"finished": "green", "pruned": "yellow"}.get(status, "bold red")
    message = escape(", ".join(values) or error)
    console.print(f"[{color}]{status}[/]  {escape(job)}  {message}", soft_wrap=True)


def show_registered(address: str) -> None:
    """Print the address of the network that was registered."""
    say(f"registered as {address}")


def show_stop(failures: int) -> None:
    """Print that no further job starts after too many failures."""
    console.print(f"sweep.max_failures={failures} reached: no other job is started")


def show_sweep_table(table: Table) -> None:
    """Print the table of a sweep, its order, and the failures."""
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
