"""The terminal: standard output, standard error, and the lines every command prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console(highlight=False, emoji=False)
error_console = Console(stderr=True, highlight=False, emoji=False)
_WIDTH_OF_FILES = 160


def say(text: str, end: str = "\n") -> None:
    """Print a text as it stands, without breaking its lines; with another `end`, its line goes on.

    Args:
        text: not read as markup.
        end: printed after it.
    """
    console.print(escape(text), end=end, soft_wrap=True)


def note(text: str) -> None:
    """Print a text to standard error, so that standard output holds results alone."""
    error_console.print(escape(text), soft_wrap=True)


def show_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    styles: Iterable[str] = (),
    right: bool = True,
    whole: int = 1,
) -> None:
    """Print a table that fits the terminal, or is as wide as it needs in a file.

    Args:
        header: a name for each column.
        rows: of as many cells; not read as markup.
        title: printed above.
        styles: of each row, in Rich's words; all plain without it.
        right: whether numbers fill all columns but the first.
        whole: number of first columns whose cells are never broken into lines.
    """
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title=title and escape(title),
        title_justify="left",
    )
    for number, name in enumerate(header):
        justify: Literal["left", "right"] = "right" if right and number else "left"
        table.add_column(escape(name), overflow="fold", justify=justify, no_wrap=number < whole)
    rows = list(rows)
    for row, style in zip(rows, list(styles) or [""] * len(rows), strict=True):
        table.add_row(*map(escape, row), style=style)
    width = None if console.is_terminal else max(console.width, _WIDTH_OF_FILES)
    console.print(table, width=width)


def show_error(message: str) -> None:
    """Print what went wrong to standard error, on one line."""
    line = escape(" ".join(message.split()))
    error_console.print(f"[bold red]error:[/] {line}", soft_wrap=True)


def show_text(path: Path) -> None:
    """Print a text file where the terminal is wide enough for its lines."""
    text = path.read_text(encoding="utf-8").rstrip()
    if max(map(len, text.splitlines()), default=0) <= console.width:
        console.print(text, markup=False)


def working(text: str) -> AbstractContextManager[Any]:
    """Show a text until the returned context is closed; once, on a line of its own, in a file."""
    if console.is_terminal:
        return console.status(escape(text))
    say(text)
    return nullcontext()
