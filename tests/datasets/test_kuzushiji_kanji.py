"""Kuzushiji-Kanji: the characters with most pictures become a data set of the working folder."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from runner import datasets
from runner.base.errors import ConfigurationError, DataError
from runner.config import composition
from runner.datasets import __main__ as command
from runner.datasets.kuzushiji_kanji import sort_characters

COUNTS = {"U+4E00": 12, "U+4EBA": 30, "U+5927": 11, "U+7169": 1}


def archive(path: Path, counts: dict[str, int], **more: bytes) -> Path:
    """Write a tar archive with pictures of noise, and other members."""
    random = np.random.default_rng(0)
    with tarfile.open(path, "w") as tar:
        for name, count in counts.items():
            for number in range(count):
                picture = io.BytesIO()
                pixels = random.integers(0, 256, (64, 64), np.uint8)
                Image.fromarray(pixels).save(picture, "PNG")
                add(tar, f"kkanji2/{name}/{number:03}.png", picture.getvalue())
        for name, content in more.items():
            add(tar, name, content)
    return path


def add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def test_the_characters_with_most_pictures_are_a_data_set_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = archive(tmp_path / "kkanji.tar", COUNTS, **{"kkanji2/readme.txt": b"text"})
    assert command.main(["prepare", "kuzushiji-kanji", str(path), "--classes", "2"]) == 0
    assert "dataset=kuzushiji-kanji" in capsys.readouterr().out
    data = datasets.load(composition.compose_job(["dataset=kuzushiji-kanji"]).dataset)
    assert data.class_names == ["U+4EBA", "U+4E00"]
    assert data.train.images.shape == (33, 64, 64, 1)
    assert np.bincount(data.test.labels).tolist() == [6, 3]


def test_too_few_characters_and_a_second_time_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "kkanji.tar", COUNTS)
    with pytest.raises(ConfigurationError, match=r"expected 4 characters .* got 3"):
        sort_characters(path, tmp_path / "out", 4)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("out")] == []
    sort_characters(path, tmp_path / "out", 3)
    with pytest.raises(ConfigurationError, match="is there already"):
        sort_characters(path, tmp_path / "out", 3)


def test_no_path_of_the_archive_is_followed(tmp_path: Path) -> None:
    path = archive(tmp_path / "kkanji.tar", {"../../U+4E00": 10, "U+4EBA": 10})
    sort_characters(path, tmp_path / "inner/out", 2)
    assert sorted(p.name for p in (tmp_path / "inner/out").iterdir()) == ["U+4E00", "U+4EBA"]
    assert {p.name for p in tmp_path.iterdir() if p.is_dir()} >= {"inner"}
    assert not list(tmp_path.parent.glob("U+*"))


@pytest.mark.parametrize(
    ("name", "content"), [("a/U+4E00/x.png", b"no picture"), ("", b"no archive at all")]
)
def test_what_is_damaged_is_refused_in_one_line(name: str, content: bytes, tmp_path: Path) -> None:
    path = archive(tmp_path / "kkanji.tar", COUNTS, **({name: content} if name else {}))
    if not name:
        path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as the tar archive") as error:
        sort_characters(path, tmp_path / "out", 2)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
