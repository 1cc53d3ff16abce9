"""The text of `python -m runner --help`, from the comments in `conf/`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from runner.base.option_types import Language
from runner.base.program_files import CONF, command_name
from runner.config.search_path import group_files

_USAGE = """\
[bold]python -m runner[/] [cyan]GROUP[/]=[green]CHOICE[/] ... [cyan]KEY[/]=[green]VALUE[/] ...
[bold]python -m runner[/] play | predict | inspect | report | list | ui | track
                 | datasets | lr-find  (each has --help)

Trains a network on a data set, evaluates it on the test images, draws figures,
and keeps everything in outputs/ and in MLflow, whose UI is opened by
  {name} ui
Where the program is installed, `runner` is short for `python -m runner`.
For example:

  python -m runner model=lenet dataset=fashion
  python -m runner experiment=cnn1 seeds=10
  python -m runner optimizer=sgd optimizer.learning_rate=0.1 training.epochs=5
  python -m runner -m model=dense,lenet dataset=mnist,5-vs-6  (all combinations)

[bold]Groups and what can be chosen[/] (* is the default)"""
_MORE = """\
Every value inside a chosen file can be changed as well, for example
model.filters=\\[32,64]: `python -m runner model=lenet --cfg job` shows them all.
Hydra's own options: --hydra-help."""


Translate = Callable[[str, list[str]], str]
"""From an English text, and the keys of its translation."""


def show_help(language: Language = "en") -> None:
    """Print usage, all groups with their choices, and single values."""
    console, translate = Console(highlight=False), _texts_in(language)
    console.print(translate(_USAGE, ["usage"]).format(name=command_name()))
    text = (CONF / "config.yaml").read_text(encoding="utf-8")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for column in ("bold cyan", "green", ""):
        table.add_column(style=column, no_wrap=bool(column))
    for group, default, comment in re.findall(r"^  - (\w+): ([^#\n]*?) *(?:# (.*))?$", text, re.M):
        table.add_row(group, "", f"[italic]{translate(comment, ['groups', group])}")
        for path in group_files(group):
            chosen = path.stem in re.split(r"[\[\], ]+", default)
            first_line = translate(yaml_comment(path), ["choices", group, path.stem])
            table.add_row("", f"{'*' if chosen else ' '} {path.stem}", first_line)
    console.print(table)
    console.print(f"\n[bold]{translate('Single values', ['single_values'])}[/]")
    values = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    values.add_column(style="bold cyan", no_wrap=True)
    values.add_column()
    for key, comment in _values(text):
        explained = translate(comment, ["values", key.partition("=")[0]])
        values.add_row(key, explained.replace("[", r"\["))
    console.print(values)
    console.print(f"\n{translate(_MORE, ['more'])}")


def translations(language: Language) -> dict[str, Any]:
    """Return the texts of the help in a language, in the order of the help; none in English."""
    path = Path(__file__).with_name(f"help_{language}.yaml")
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _texts_in(language: Language) -> Translate:
    return partial(_look_up, translations(language))


def _look_up(texts: Any, english: str, keys: list[str]) -> str:
    for key in keys:
        texts = texts.get(key, {})
    return str(texts or english)


def yaml_comment(path: Path) -> str:
    """Return what a YAML file says first: the sentences that end in its first line of comment.

    Where none ends there, it is the first sentence, or else that line.
    """
    first, *more = header_paragraphs(path)[0]
    end = r"[.?!](?= [A-Z]|$)"
    sentences = re.match(f".*{end}", first) or re.match(f".*?{end}", " ".join([first, *more]))
    return sentences[0] if sentences else first


def header_paragraphs(path: Path) -> list[list[str]]:
    """Return the lines of the comment at the top of a YAML file, paragraph by paragraph.

    Empty lines of comment part the paragraphs; the line with the package is left out.
    """
    text = path.read_text(encoding="utf-8")
    lines = itertools.dropwhile(lambda line: not line.startswith("#"), text.splitlines())
    comment = [line[1:].strip() for line in itertools.takewhile(_is_comment, lines)]
    written = "\n".join(line for line in comment if not line.startswith("@package"))
    return [paragraph.split("\n") for paragraph in written.strip("\n").split("\n\n")]


def _is_comment(line: str) -> bool:
    return line.startswith("#")


def _values(text: str) -> list[tuple[str, str]]:
    """Return KEY=DEFAULT and comment of each commented value in the main configuration."""
    found: list[tuple[str, str]] = []
    sections: list[tuple[int, str]] = []
    for line in text.partition("\nhydra:")[0].partition("_self_")[2].splitlines():
        matched = re.match(r"(\s*)(\w+):\s*([^#]*?)\s*(?:#\s*(.*))?$", line)
        if matched is None:
            continue
        indent, key, value, comment = matched.groups()
        sections = [(depth, name) for depth, name in sections if depth < len(indent)]
        if not value:
            sections.append((len(indent), key))
        elif comment:
            dotted = ".".join([*(name for _, name in sections), key])
            found.append((f"{dotted}={value}", comment))
    return found
