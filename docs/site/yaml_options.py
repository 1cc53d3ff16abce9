"""Values and comments of a YAML file, by the path of their keys."""

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

Keys = tuple[str, ...]
_LINE = re.compile(r"(?P<indent> *)(?P<key>[\w./-]+|\"[^\"]*\"):(?P<rest>.*)")
_COMMENT = re.compile(r"(?:^|\s)#\s*(.*)$")


def load(path: Path) -> Any:
    """Return the content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def comments_in(text: str) -> dict[Keys, str]:
    """Return the comment behind each key; lines of comment alone below it go on with it."""
    found: dict[Keys, str] = {}
    levels: list[tuple[int, str]] = []
    keys: Keys = ()
    for line in text.splitlines():
        if matched := _LINE.match(line):
            indent = len(matched["indent"])
            levels = [(i, key) for i, key in levels if i < indent]
            levels.append((indent, matched["key"].strip('"')))
            keys = tuple(key for _, key in levels)
            if comment := _COMMENT.search(matched["rest"]):
                found[keys] = comment[1]
        elif keys in found and re.match(r" +#", line):
            found[keys] += " " + line.strip().lstrip("# ")
        else:
            keys = ()
    return found


def header(text: str) -> str:
    """Return the comment that a file begins with, as Markdown, without the line of its package.

    An indented line, such as that of a command, stays a line of its own.
    """
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            lines.append(line.removeprefix("#").strip())
    return "\n".join(lines)
