"""The text of `python -m runner --help`, from the comments in `conf/`."""

from __future__ import annotations

import re
from pathlib import Path

from rich.console import Console
from rich.table import Table

from runner.base.program_files import CONF, ui_command
from runner.config.search_path import group_files

_USAGE = """\
[bold]python -m runner[/] [cyan]GROUP[/]=[green]CHOICE[/] ... [cyan]KEY[/]=[green]VALUE[/] ...
[bold]python -m runner[/] predict | inspect | report | datasets    (each has a --help of its own)

Trains a network on a data set, evaluates it on the test images, draws figures, and keeps everything
in outputs/ and in MLflow, whose UI is opened by
  {ui}
Where the program is installed, `runner` is short for `python -m runner`. For example:

  python -m runner model=lenet dataset=fashion
  python -m runner experiment=cnn1 seeds=10
  python -m runner model=lenet optimizer=sgd optimizer.learning_rate=0.1 training.epochs=5
  python -m runner -m model=dense,lenet dataset=mnist,5-vs-6     (-m: every combination)

[bold]Groups and what can be chosen[/] (* is the default)"""
_MORE = """\
Every value inside a chosen file can be changed as well, for example model.filters=\\[32,64]:
`python -m runner model=lenet --cfg job` shows them all. Hydra's own options: --hydra-help."""


def show_help() -> None:
    """Print usage, all groups with their choices, and single values."""
    console = Console(highlight=False)
    console.print(_USAGE.format(ui=ui_command()))
    text = (CONF / "config.yaml").read_text(encoding="utf-8")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for column in ("bold cyan", "green", ""):
        table.add_column(style=column, no_wrap=bool(column))
    for group, default, comment in re.findall(r"^  - (\w+): ([^#\n]*?) *(?:# (.*))?$", text, re.M):
        table.add_row(group, "", f"[italic]{comment}")
        for path in group_files(group):
            chosen = path.stem in re.split(r"[\[\], ]+", default)
            table.add_row("", f"{'*' if chosen else ' '} {path.stem}", yaml_comment(path))
    console.print(table)
    console.print("\n[bold]Single values[/]")
    values = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    values.add_column(style="bold cyan", no_wrap=True)
    values.add_column()
    for key, comment in _values(text):
        values.add_row(key, comment.replace("[", r"\["))
    console.print(values)
    console.print(f"\n{_MORE}")


def yaml_comment(path: Path) -> str:
    """Return the first line of comment of a YAML file, after the line with its package."""
    with path.open(encoding="utf-8") as file:
        comments = (line.removeprefix("#").strip() for line in file if line.startswith("#"))
        return next((line for line in comments if not line.startswith("@package")), "")


def _values(text: str) -> list[tuple[str, str]]:
    """Return KEY=DEFAULT and comment of each commented value in the main configuration."""
    found, section = [], ""
    for line in text.partition("\nhydra:")[0].partition("_self_")[2].splitlines():
        matched = re.match(r"(\s*)(\w+):\s*([^#]*?)\s*(?:#\s*(.*))?$", line)
        if matched is None:
            continue
        indent, key, value, comment = matched.groups()
        section = section if indent else ("" if value else f"{key}.")
        if value and comment:
            found.append((f"{section}{key}={value}" if indent else f"{key}={value}", comment))
    return found
