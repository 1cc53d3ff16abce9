"""Figures as files."""

from __future__ import annotations

import filecmp
import logging
import shutil
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.base.atomic_files import replacing, write_text
from runner.base.lazy import matplotlib
from runner.base.option_types import FigureFormat

if TYPE_CHECKING:
    from matplotlib.animation import Animation
    from matplotlib.figure import Figure

    Drawing = Figure | Animation | str | tuple["Drawing", ...] | list["Drawing"] | None
else:
    Drawing = Any

_DATES = {".svg": "Date", ".pdf": "CreationDate"}
"""Entries of the files that would differ every time."""

logging.getLogger("matplotlib.animation").setLevel(logging.WARNING)


def save_figure(drawing: Drawing, path: Path, form: FigureFormat = "png") -> list[Path]:
    """Write a figure, an animation as GIF, a text as txt; return what was written.

    Args:
        drawing: what a figure component returned; of a list each member is numbered, those of a
            tuple are the same thing in other forms, and None, a figure that does not apply, writes
            nothing.
        path: without suffix.
        form: of figures; in `svg` and `pdf` lines and letters stay sharp at any size.
    """
    if drawing is None:
        return []
    if isinstance(drawing, tuple):
        return [written for one in drawing for written in save_figure(one, path, form)]
    if isinstance(drawing, list):
        numbered = [path.with_name(f"{path.name}-{n}") for n in range(1, len(drawing) + 1)]
        return [p for d, n in zip(drawing, numbered, strict=True) for p in save_figure(d, n, form)]
    target = path.with_name(path.name + _suffix(drawing, form))
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(drawing, str):
        write_text(target, drawing + "\n")
    else:
        _write(drawing, target)
    return [target]


def place(drawn: Sequence[Path], folder: Path) -> list[Path]:
    """Move files into a folder, or the first of `folder-2`, `folder-3` ..., and return them there.

    It is the first in which none of them replaces a file of the same name and another content.
    """
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in count(2))
    chosen = next(
        each
        for each in chain([folder], numbered)
        if all(_is_the_same(path, each / path.name) for path in drawn)
    )
    chosen.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.move(path, chosen / path.name)) for path in drawn]


def _is_the_same(path: Path, there: Path) -> bool:
    return not there.exists() or filecmp.cmp(path, there, shallow=False)


def _suffix(drawing: Figure | Animation | str, form: FigureFormat) -> str:
    if isinstance(drawing, str):
        return ".txt"
    return f".{form}" if isinstance(drawing, matplotlib.figure.Figure) else ".gif"


def _write(drawing: Figure | Animation, target: Path) -> None:
    with replacing(target) as part:
        if isinstance(drawing, matplotlib.animation.Animation):
            drawing.save(part, writer=matplotlib.animation.PillowWriter(fps=2))
        elif target.suffix == ".png":
            # Sheets of a thousand images would take seconds at the usual level of 6.
            drawing.savefig(part, pil_kwargs={"compress_level": 2})
        else:
            with matplotlib.rc_context({"svg.hashsalt": target.stem}):  # the same file every time
                drawing.savefig(part, metadata={_DATES[target.suffix]: None})
