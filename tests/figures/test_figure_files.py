"""Figures as files: their names, and the formats of lines."""

import re
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from figures.configured import Configured, drawn
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import (
    ClassificationRun,
)

misclassified = Configured("misclassified")


def test_numbers_the_members_of_a_list(tmp_path: Path) -> None:
    written = save_figure([Figure(), "text", None], tmp_path / "new" / "several")
    assert [path.name for path in written] == ["several-1.png", "several-2.txt"]


def test_nothing_is_written_for_none(tmp_path: Path) -> None:
    assert save_figure(None, tmp_path / "none") == []


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_vector_formats_hold_sheets_at_their_place_and_are_the_same_every_time(
    form: Any, digits: ClassificationRun, tmp_path: Path
) -> None:
    contents = []
    for name in ("a", "b"):
        sheet = drawn(misclassified(digits, limit=7))
        (path,) = save_figure(sheet, tmp_path / name / "misclassified", form)
        contents.append(path.read_bytes())
    assert path.suffix == f".{form}"
    assert contents[0] == contents[1]
    if form == "svg":
        width, height = sheet.get_size_inches() * 72
        (image,) = re.findall(rb"<image[^>]*>", contents[0], re.S)
        place = dict(re.findall(rb'([a-z]+)="([^"]*)"', image))
        across, _, _, down, left, bottom = map(float, re.findall(rb"[-.\d]+", place[b"transform"]))
        assert left == pytest.approx(0.15 * 72, abs=1)
        assert 0.5 * width < left + across * float(place[b"width"]) <= width
        assert 0 <= bottom + down * float(place[b"height"]) < bottom <= height
