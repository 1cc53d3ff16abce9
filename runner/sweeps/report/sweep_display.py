"""The table of a sweep on the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from runner.run.console import console
from runner.sweeps.report.sweep_table import Table

_COLORS = {"failed": "red", "killed": "red", "pruned": "yellow", "running": "cyan"}
_WIDTH_OF_FILES = 160


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
