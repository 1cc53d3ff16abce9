"""Output of the commands on the terminal: text, tables, errors, progress."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runner.base.error_texts import error_line
from runner.base.option_types import Language

console = Console(highlight=False, emoji=False)
error_console = Console(stderr=True, highlight=False, emoji=False)
_WIDTH_OF_FILES = 160
_NARROWEST = 12
"""Characters that a column keeps, before those that are not wrapped lose any."""

_PARTS = re.compile(r"(?<=\s)|(?<=\w[+\-_/,=])(?<!\de-)")
"""Where a cell may be broken: after a space, or a sign that stands between words; not in 1e-05."""

_GAP, _EDGE = 2, 2
"""Spaces between columns, and at both ends of a line."""


def say(text: str, end: str = "\n") -> None:
    """Print a text to standard output, without wrapping its lines.

    Args:
        text: printed as it is, not interpreted as markup.
        end: printed after the text.
    """
    console.print(escape(text), end=end, soft_wrap=True)


def say_sentence(text: str) -> None:
    """Print a text to standard output; on a terminal, its lines end between words."""
    console.print(escape(text), soft_wrap=not console.is_terminal)


def note(text: str) -> None:
    """Print a text to standard error; standard output holds results alone."""
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
    """Print a table, as wide as the terminal, or at least 160 characters in a file.

    Args:
        header: a name for each column.
        rows: one cell for each column; not interpreted as markup.
        title: printed above the table.
        styles: a Rich style for each row; empty means all plain.
        right: whether all columns but the first are aligned to the right.
        whole: number of first columns whose cells are never wrapped.
    """
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        title=title and escape(title),
        title_justify="left",
    )
    rows = list(rows)
    width = console.width if console.is_terminal else max(console.width, _WIDTH_OF_FILES)
    widths = fitting_widths([header, *rows], width - _EDGE, whole)
    for number, name in enumerate(header):
        justify: Literal["left", "right"] = "right" if right and number else "left"
        table.add_column(
            escape(name),
            overflow="fold",
            justify=justify,
            no_wrap=number < whole,
            width=widths[number],
        )
    for row, style in zip(rows, list(styles) or [""] * len(rows), strict=True):
        cells = (broken(cell, widths[number]) for number, cell in enumerate(row))
        table.add_row(*map(escape, cells), style=style)
    wide_enough = (
        console if width == console.width else Console(width=width, highlight=False, emoji=False)
    )
    wide_enough.print(table)


def broken(cell: str, width: int) -> str:
    """Return a cell with line ends between words, or after the signs in the name of a run."""
    lines = [""]
    for part in _PARTS.split(cell):
        if cell_len(lines[-1] + part.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += part
    return "\n".join(map(str.rstrip, lines))


def fitting_widths(lines: Sequence[Sequence[str]], width: int, whole: int) -> list[int]:
    """Return a width for each column, so that no word is broken where that can be helped.

    Args:
        lines: cells of the header and of the rows.
        width: of all columns, with the spaces between them.
        whole: number of first columns whose cells are not wrapped.
    """
    columns = list(zip(*lines, strict=True))
    natural = [max(map(cell_len, column)) for column in columns]
    words = [max(map(cell_len, " ".join(column).split()), default=0) for column in columns]
    widths = natural[:whole] + words[whole:]
    space = width - _GAP * len(columns)
    while sum(widths) > space and max(widths) > 1:
        folded = widths[whole:] if max(widths[whole:], default=0) > _NARROWEST else widths
        widths[widths.index(max(folded), len(widths) - len(folded))] -= 1
    for number, wanted in enumerate(natural):
        widths[number] += min(wanted - widths[number], max(0, space - sum(widths)))
    return widths


def show_error(message: str, language: Language = "en") -> None:
    """Print an error message to standard error, on one line, in a language if it is known in it."""
    word, line = error_line(" ".join(message.split()), language)
    error_console.print(f"[bold red]{word}:[/] {escape(line)}", soft_wrap=True)


def show_text(path: Path) -> None:
    """Print a text file; of one with lines too long for the terminal the first line alone."""
    text = path.read_text(encoding="utf-8").rstrip()
    lines = text.splitlines()
    too_long = console.is_terminal and max(map(len, lines), default=0) > console.width
    console.print(lines[0] if too_long else text, markup=False, soft_wrap=True)


def busy(text: str) -> AbstractContextManager[Any]:
    """Show a spinner and a text while the context is open; in a file, nothing."""
    return console.status(escape(text)) if console.is_terminal else nullcontext()


def working(text: str) -> AbstractContextManager[Any]:
    """Show a spinner and a text while the context is open; in a file, print the text once."""
    if console.is_terminal:
        return console.status(escape(text))
    say(text)
    return nullcontext()
