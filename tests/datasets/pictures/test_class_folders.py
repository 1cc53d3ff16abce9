"""Folders of classes: links, what may not be read, and what does not belong there."""

import os
from pathlib import Path
from typing import Any

import pytest

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.datasets import picture_folders

from .dishes import SIDE, Configure, fill, gray, save, values


def test_a_file_beside_the_folders_is_named(data: Path, configure: Configure) -> None:
    save(gray(5), fill(data / "dishes") / "lost.png")
    with pytest.raises(DataError, match=r"1 of 17 files .*lost\.png \(in the folder of no class\)"):
        datasets.load(configure())


def test_links_to_folders_are_followed_and_circles_are_not(data: Path, tmp_path: Path) -> None:
    folder = fill(data / "dishes", cups=2, plates=2)
    save(gray(50), tmp_path / "elsewhere" / "deep" / "cup.png")
    (folder / "cups" / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / "cups" / "again").symlink_to(tmp_path / "elsewhere" / "deep")
    (tmp_path / "elsewhere" / "deep" / "circle").symlink_to(folder / "cups")
    images, labels, _ = picture_folders.read_folder(
        folder, ["cups", "plates"], [SIDE, SIDE, 1], False
    )
    assert sorted(values(images)) == [0, 1, 50, 100, 101]
    assert labels.tolist().count(0) == 3


@pytest.mark.parametrize("refused", ["scandir", "access"])
def test_a_folder_that_may_not_be_read_is_named(
    refused: str, data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one of them is a folder without r, the other without x; root may read them all."""
    fill(data / "dishes")
    secret = data / "dishes" / "cups" / "secret"
    save(gray(50), secret / "cup.png")
    real = getattr(os, refused)

    def ask(path: Any, *mode: Any) -> Any:
        if Path(path) != secret:
            return real(path, *mode)
        if refused == "access":
            return False
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, refused, ask)
    with pytest.raises(DataError, match=r"can be read: .*Permission denied: '.*cups/secret'") as no:
        datasets.load(configure())
    assert "\n" not in str(no.value)


@pytest.mark.parametrize(
    ("folders", "got"),
    [
        ([], "got none"),
        (["cups"], "got cups"),
        (["cups", "plate"], "got cups, plate"),
        (["cups", "plates", "spoons"], "got cups, plates, spoons"),
    ],
)
def test_other_folders_than_those_of_the_classes_are_refused(
    folders: list[str], got: str, data: Path, configure: Configure
) -> None:
    (data / "dishes").mkdir(parents=True)
    for name in folders:
        save(gray(1), data / "dishes" / name / "1.png")
    with pytest.raises(DataError, match=f"each class, cups, plates; {got};"):
        datasets.load(configure())


def test_a_class_without_pictures_is_refused(data: Path, configure: Configure) -> None:
    fill(data / "dishes", plates=0)
    (data / "dishes" / "plates").mkdir()
    with pytest.raises(DataError, match="none in plates"):
        datasets.load(configure())


def test_too_few_pictures_to_split_are_refused_in_one_line(
    data: Path, configure: Configure
) -> None:
    fill(data / "dishes", cups=5, plates=1)
    with pytest.raises(ConfigurationError, match="class plates has 1, at least 2 are") as raised:
        datasets.load(configure())
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("fraction", "words"),
    [
        (
            0.2,
            "1 and 3 are too few: each part needs at least 2, one of each class; choose a larger",
        ),
        (
            0.8,
            "4 and 0 are too few: each part needs at least 2, one of each class; choose a smaller",
        ),
    ],
)
def test_a_test_without_pictures_of_each_class_is_refused(
    fraction: float, words: str, data: Path, configure: Configure
) -> None:
    fill(data / "dishes", cups=2, plates=2)
    with pytest.raises(ConfigurationError) as raised:
        datasets.load(configure(test_fraction=fraction))
    assert f"={fraction}: cannot split 4 images by class: {words}" in str(raised.value)
