"""Pages in HTML that need no other file: tables, texts and embedded figures."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from runner.base.atomic_files import write_text
from runner.base.lazy import jinja2
from runner.base.option_types import Language

_KINDS = {".png": "image/png", ".gif": "image/gif", ".svg": "image/svg+xml"}
_TEMPLATE, _MANY = "page.html", 40
MOST_BYTES = 8_000_000
"""Size up to which a figure is embedded; a larger one stays beside the page."""


@dataclass(frozen=True)
class Picture:
    """A figure of a page.

    Attributes:
        caption: above it.
        address: that holds the whole picture; empty for a text.
        text: what a figure in text says.
    """

    caption: str
    address: str = ""
    text: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        title: above it.
        header: of the table; empty where the first column names the rows.
        rows: of the table.
        text: in a fixed width, below the table.
        pictures: below that.
    """

    title: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    text: str = ""
    pictures: Sequence[Picture] = ()

    @property
    def long(self) -> bool:
        """Whether the text is set in columns, where the page is wide enough."""
        return self.text.count("\n") > _MANY

    def __bool__(self) -> bool:
        return bool(self.rows or self.text or self.pictures)


@dataclass(frozen=True)
class HtmlPage:
    """A page.

    Attributes:
        title: of the page.
        lead: lines below it.
        result: in one line, larger.
        sections: those that are empty are left out.
        language: of the page.
    """

    title: str
    lead: Sequence[str]
    result: str = ""
    sections: Sequence[Section] = field(default_factory=list)
    language: Language = "en"

    def html(self) -> str:
        """Return the page; every text is escaped."""
        shown = [section for section in self.sections if section]
        page = {"title": self.title, "lead": self.lead, "result": self.result}
        return str(_template().render(page=page | {"sections": shown, "language": self.language}))

    def write(self, path: Path) -> Path:
        """Write the page to a file, and return that."""
        write_text(path, self.html())
        return path


def pictures(paths: Iterable[Path], names: dict[str, str] | None = None) -> list[Picture]:
    """Return figures of files: PNG, GIF, SVG and text; PDF, and large ones, are left out.

    Args:
        paths: of the files.
        names: captions by the stem of a file; otherwise its name is the caption.
    """
    known = [path for path in paths if path.suffix in {*_KINDS, ".txt"} and path.is_file()]
    return [
        _picture(path, (names or {}).get(path.stem, path.stem))
        for path in known
        if path.stat().st_size <= MOST_BYTES
    ]


def _picture(path: Path, caption: str) -> Picture:
    if path.suffix == ".txt":
        return Picture(caption, text=path.read_text(encoding="utf-8", errors="replace"))
    return Picture(caption, picture_address(path))


def picture_address(path: Path) -> str:
    """Return an address that holds a PNG, GIF or SVG, which then needs no file."""
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    return f"data:{_KINDS[path.suffix]};base64,{data}"


@cache
def _template() -> Any:
    text = Path(__file__).with_name(_TEMPLATE).read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
