"""Archives of pictures: sorted into folders, or refused; and the course's own files."""

import io
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest
from PIL import Image

from runner import datasets
from runner.datasets import catalog, course_files, file_search, picture_archive
from runner.datasets.__main__ import main

from .server import Site, serving


def jpeg(number: int = 0) -> bytes:
    noise = np.random.default_rng(number).integers(0, 256, (12, 12, 3), np.uint8)
    with io.BytesIO() as file:
        Image.fromarray(noise).save(file, format="JPEG")
        return file.getvalue()


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def kaggle(path: Path, count: int, **more: bytes) -> Path:
    members = {
        f"train/{kind}.{n}.jpg": jpeg(n) for n in reversed(range(count)) for kind in ("cat", "dog")
    }
    return archive(path, members | more)


SMALL = ["--train", "4", "--validation", "2", "--test", "2"]


def prepare(path: Path, *options: str) -> int:
    return main(["prepare", "cats-dogs", str(path), *(options or SMALL)])


def test_cats_and_dogs_are_sorted_by_their_numbers_and_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(kaggle(tmp_path / "train.zip", 11)) == 0
    assert "of each class 4 in train, 2 in validation, 2 in test" in capsys.readouterr().out
    folder = file_search.downloads() / "cats_dogs_20000"
    assert {path.name for path in folder.glob("train/dogs/*")} == {f"dog.{n}.jpg" for n in range(4)}
    assert {path.name for path in folder.glob("test/cats/*")} == {"cat.6.jpg", "cat.7.jpg"}
    data = datasets.load(catalog.configured("cats-dogs-20000"))
    assert data.validation is not None
    assert [len(data.train), len(data.validation), len(data.test)] == [8, 4, 4]
    assert prepare(tmp_path / "train.zip") == 2  # nothing is overwritten
    assert "is there already" in capsys.readouterr().err


def test_a_test_folder_of_the_archive_with_named_classes_is_the_test(tmp_path: Path) -> None:
    own = {f"test/{kind}.{n}.jpg": jpeg(n) for kind in ("cat", "dog") for n in (1, 0)}
    unnamed = {"test1/7.jpg": jpeg()}
    path = kaggle(tmp_path / "all.zip", 6, **own, **unnamed)
    assert prepare(path) == 0
    folder = file_search.downloads() / "cats_dogs_20000"
    assert {path.name for path in folder.glob("test/cats/*")} == {"cat.0.jpg", "cat.1.jpg"}
    assert {path.name for path in folder.glob("validation/cats/*")} == {"cat.4.jpg", "cat.5.jpg"}


def test_too_few_pictures_are_an_error_that_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(kaggle(tmp_path / "train.zip", 5)) == 2
    assert "expected 2 pictures cat.NUMBER.jpg for the folder validation" in capsys.readouterr().err
    assert prepare(archive(tmp_path / "outer.zip", {"train.zip": b"PK"})) == 2
    assert "unpack it, and give that one" in capsys.readouterr().err
    assert not (file_search.downloads() / "cats_dogs_20000").exists()


@pytest.mark.parametrize("name", ["../cat.0.jpg", "/etc/cat.0.jpg", "C:\\cat.0.jpg", "a/../../b"])
def test_an_archive_that_leaves_its_folder_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(kaggle(tmp_path / "train.zip", 8, **{name: jpeg()})) == 1
    assert "a path that leaves its folder" in capsys.readouterr().err
    assert not (file_search.downloads() / "cats_dogs_20000").exists()


def test_bombs_damage_and_other_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bomb = {"train/cat.0.jpg": jpeg() + bytes(picture_archive.LARGEST_PICTURE)}
    assert prepare(archive(tmp_path / "bomb.zip", bomb), "--train", "1") in {1, 2}
    assert prepare(kaggle(tmp_path / "bomb.zip", 8, **bomb)) == 1
    assert "expected a picture of at most 50,000,000" in capsys.readouterr().err
    assert prepare(kaggle(tmp_path / "text.zip", 8, **{"train/dog.0.jpg": b"text"})) == 1
    assert "train/dog.0.jpg is no PNG or JPEG file" in capsys.readouterr().err
    damaged = bytearray(kaggle(tmp_path / "whole.zip", 8).read_bytes())
    damaged[200:260] = bytes(60)
    (tmp_path / "damaged.zip").write_bytes(damaged)
    assert prepare(tmp_path / "damaged.zip") == 1
    monkeypatch.setattr(picture_archive, "LARGEST_ARCHIVE", 1000)
    assert prepare(tmp_path / "whole.zip") == 1
    assert "expected at most 20 GB" in capsys.readouterr().err
    assert prepare(tmp_path / "missing.zip") == 1
    assert not list(file_search.downloads().glob("cats_dogs_20000*"))


def test_files_of_the_course_are_fetched_checked_and_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = archive(tmp_path / "c.zip", {"d/2.png": PNG, "d/code.py": b"", "d/18.png": PNG})
    files = {"/files/cnn1.h5": b"<html>", "/files/convkeras.zip": pictures.read_bytes()}
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Site(files)) as site:
        monkeypatch.setattr(course_files, "ADDRESS", site.address)
        assert main(["fetch", "cnn1.h5", "convkeras.zip"]) == 1
        told = capsys.readouterr()
        assert "cnn1.h5: expected a network in HDF5" in told.err
        assert "SHA-256" in told.out
        folder = file_search.downloads() / "course" / "convkeras"
        assert {path.name for path in folder.iterdir()} == {"2.png", "18.png"}
        site.files["/files/cnn1.h5"] = b"\x89HDF\r\n\x1a\n..."
        assert main(["fetch", "cnn1.h5", "convkeras.zip"]) == 0
    assert "cnn1.h5: the course's own network" in capsys.readouterr().out


PNG = b"\x89PNG\r\n\x1a\n..."
