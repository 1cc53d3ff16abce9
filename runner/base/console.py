"""The terminal: standard output, standard error, and the lines every command prints."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, emoji=False)
error_console = Console(stderr=True, highlight=False, emoji=False)


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
