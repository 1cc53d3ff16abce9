"""The figures of a finished run as a notebook shows them, whatever format they were drawn in."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from runner.base.lazy import PIL
from runner.run.html_page import picture_address

_FORMATS = (".pdf", ".txt", ".gif", ".svg", ".png")
"""Suffixes of figures; of one that is there in several forms the last of these is shown."""


@dataclass(frozen=True)
class FigureFile:
    """A figure that is no PNG: lines (SVG), an animation (GIF), a text, or a PDF.

    Attributes:
        path: of its file.
    """

    path: Path

    def _repr_html_(self) -> str:
        """Return what a notebook shows; of a PDF the address, since no notebook shows its pages."""
        if self.path.suffix == ".txt":
            return f"<pre>{escape(self.path.read_text(encoding='utf-8'))}</pre>"
        if self.path.suffix == ".pdf":
            here = self.path.is_relative_to(Path.cwd())  # Jupyter opens such addresses alone
            path = self.path.relative_to(Path.cwd()) if here else self.path
            address, text = quote(path.as_posix()), escape(str(path))
            return f'PDF: <a href="{address}" target="_blank">{text}</a>'
        return _image(picture_address(self.path))


class Figures(dict[str, "PIL.Image.Image | FigureFile"]):
    """Figures by name; a notebook shows all of them where they are the last value of a cell."""

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{escape(name)}</h4>{_html(figure)}" for name, figure in self.items())


def figures_in(folder: Path) -> Figures:
    """Return the figures in a folder; PNG as an image of Pillow, whose pixels can be read."""
    known = [path for path in folder.glob("*") if path.suffix in _FORMATS]
    shown = {path.stem: path for path in sorted(known, key=_rank)}
    return Figures({name: _opened(shown[name]) for name in sorted(shown)})


def _rank(path: Path) -> int:
    return _FORMATS.index(path.suffix)


def _opened(path: Path) -> PIL.Image.Image | FigureFile:
    return PIL.Image.open(path) if path.suffix == ".png" else FigureFile(path)


def _html(figure: PIL.Image.Image | FigureFile) -> str:
    if isinstance(figure, FigureFile):
        return figure._repr_html_()
    data = b64encode(figure._repr_png_()).decode("ascii")  # as Pillow shows it to a notebook
    return _image(f"data:image/png;base64,{data}")


def _image(address: str) -> str:
    return f'<img style="max-width: 100%" src="{address}">'
