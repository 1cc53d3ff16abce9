"""Files are listed and read in order, whatever is wrong with one of them."""

import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from predict.drawn_pictures import DIGIT, DIGITS, GRAY, seven
from runner.base.errors import ConfigurationError
from runner.predict.inputs import input_files
from runner.predict.inputs.input_files import FOLDER, InputReader, gather, list_input_files
from runner.predict.inputs.picture_fitting import Frame, fit_picture
from runner.predict.inputs.sample import Failure, Sample


def test_files_are_listed_in_order_or_refused(tmp_path: Path) -> None:
    hidden = ("a/.kept/4.png", "a/.5.png")
    for name in ("b/2.png", "a/1.jpg", "a/deep/3.PNG", "a/x.npz", "a/t.csv", *hidden):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    listed, left_out = list_input_files([tmp_path / "b/2.png", tmp_path / "a"], False)
    names = [path.relative_to(tmp_path).as_posix() for path in listed]
    assert names == ["b/2.png", "a/1.jpg", "a/deep/3.PNG", "a/x.npz"]
    assert left_out == [tmp_path / "a/t.csv"]
    assert list_input_files([tmp_path / "a"], True)[0] == [
        tmp_path / "a/t.csv",
        tmp_path / "a/x.npz",
    ]
    with pytest.raises(ConfigurationError, match=r"9\.png: there is no such file"):
        list_input_files([tmp_path / "9.png"], False)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match="in this folder, got 0 others"):
        list_input_files([tmp_path / "empty"], False)


def test_links_to_folders_are_followed_and_circles_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("given/z/1.png", "given/2.png", "elsewhere/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    given = tmp_path / "given"
    for link, target in (("a", "z"), ("z/up", "given"), ("out", "elsewhere")):
        (given / link).symlink_to(next(tmp_path.rglob(target)))
    (tmp_path / "elsewhere/back").symlink_to(given)
    listed, left_out = list_input_files([given], False)
    names = [path.relative_to(given).as_posix() for path in listed]
    assert names == ["2.png", "a/1.png", "out/3.png", "z/1.png"]
    assert left_out == []
    monkeypatch.setattr(Path, "iterdir", lambda path: os.scandir(path / "no"))
    with pytest.raises(ConfigurationError, match="given: expected a folder that can be read"):
        list_input_files([given], False)


def test_one_damaged_picture_of_many_does_not_stop_the_others(tmp_path: Path) -> None:
    Image.new("L", (28, 28), 3).save(tmp_path / "0000.png")
    content = (tmp_path / "0000.png").read_bytes()
    for number in range(1, 600):
        (tmp_path / f"{number:04}.png").write_bytes(content)
    (tmp_path / "0377.png").write_bytes(content[:40])
    files, _ = list_input_files([tmp_path], False)
    chunks = list(gather(files, InputReader(Frame(GRAY, DIGITS, as_is=True), truth=FOLDER)))
    items = [item for chunk in chunks for item in chunk]
    assert len(chunks) == 3
    assert [item.name for item in items] == [str(path) for path in files]
    (failed,) = [item for item in items if isinstance(item, Failure)]
    assert failed.name.endswith("0377.png")
    assert {item.truth for item in items if isinstance(item, Sample)} == {tmp_path.name}


def test_what_nobody_foresaw_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seven().save(tmp_path / "a.png")
    Image.new("L", (400, 5)).save(tmp_path / "b.png")

    def stumble(picture: Image.Image, frame: Frame) -> Any:
        if picture.height == 5:
            raise IndexError("list index\nout of range")
        return fit_picture(picture, frame)

    monkeypatch.setattr(input_files, "fit_picture", stumble)
    (items,) = gather([tmp_path / "a.png", tmp_path / "b.png"], InputReader(DIGIT))
    assert isinstance(items[0], Sample)
    assert items[1] == Failure(str(tmp_path / "b.png"), "IndexError: list index out of range")
