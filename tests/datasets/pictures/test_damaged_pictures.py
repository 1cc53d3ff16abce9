"""What is no picture is refused by name, or left out and listed."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from runner import datasets
from runner.base.errors import DataError
from runner.datasets import picture_folders

from .dishes import SIDE, Configure, fill, values


def png(width: int, height: int) -> bytes:
    """Return a PNG that declares a size and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def encoded(kind: str, side: int = 64) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


DAMAGED: dict[str, tuple[bytes, str]] = {
    "empty.png": (b"", "empty"),
    "text.png": (b"no picture at all", "cannot identify"),
    "cut.png": (encoded("PNG")[:3000], "(?i:truncated)"),
    "cut.jpg": (encoded("JPEG")[:2000], "truncated"),
    "nearly whole.jpg": (encoded("JPEG")[:-50], "truncated"),
    "without its end.png": (encoded("PNG")[:-12], "."),
    "without its end.jpg": (encoded("JPEG")[:-2], "truncated"),
    "bad checksum.png": (encoded("PNG")[:200] + b"xxxx" + encoded("PNG")[204:], "."),
    "header only.png": (encoded("PNG")[:20], "."),
    "really a JPEG.png": (encoded("JPEG"), "holds JPEG, which its name does not say"),
    "really a PNG.jpeg": (encoded("PNG"), "holds PNG"),
    "really a GIF.jpg": (encoded("GIF"), "cannot identify"),
    "animated.gif": (encoded("GIF"), "no PNG or JPEG file"),
    "notes.txt": (b"\x00\x01", "no PNG or JPEG file"),
    "no suffix": (encoded("PNG"), "no PNG or JPEG file"),
    "dot.png": (png(1, 1), "only 1 x 1 pixels"),
    "line.png": (png(500, 1), "only 500 x 1 pixels"),
    "bomb.png": (png(20_000, 20_000), "decompression bomb"),
    "small bomb.png": (png(10_000, 10_000), "decompression bomb"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_file_that_is_no_picture_is_refused_by_name(
    name: str, data: Path, configure: Configure
) -> None:
    content, reason = DAMAGED[name]
    fill(data / "dishes")
    (data / "dishes" / "plates" / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"1 of 17 files .*plates/{name} \(.*{reason}") as raised:
        datasets.load(configure())
    message = str(raised.value)
    assert "skip_damaged=true" in message
    assert "\n" not in message
    assert len(message) < 500


def test_damaged_files_are_left_out_and_listed_where_that_is_asked_for(
    data: Path, configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(data / "dishes")
    for name, (content, _) in DAMAGED.items():
        (data / "dishes" / "cups" / name).write_bytes(content)
    for _ in range(2):  # decoded, and from the cache
        loaded = datasets.load(configure(skip_damaged=True))
        assert len(loaded.train) + len(loaded.test) == 16
        both = [*values(loaded.train.images), *values(loaded.test.images)]
        assert sorted(both) == [*range(8), *range(100, 108)]
        for part in (loaded.train, loaded.test):
            np.testing.assert_array_equal(part.labels == 1, np.array(values(part.images)) >= 100)
        said = capsys.readouterr().err
        assert f"{len(DAMAGED)} of {16 + len(DAMAGED)} files" in said
        for name in DAMAGED:
            assert f"  cups/{name} (" in said
    with pytest.raises(DataError, match=f"{len(DAMAGED)} of .* and {len(DAMAGED) - 10} more"):
        datasets.load(configure())


def test_what_systems_leave_in_folders_is_no_picture_that_is_missing(
    data: Path, configure: Configure
) -> None:
    fill(data / "dishes")
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._cup 00.png"):
        for folder in (data / "dishes", data / "dishes" / "cups"):
            (folder / name).write_bytes(b"\x00\x01")
    loaded = datasets.load(configure())
    assert len(loaded.train) + len(loaded.test) == 16


def test_one_damaged_file_of_ten_thousand_is_found(data: Path, configure: Configure) -> None:
    fill(data / "dishes", cups=1, plates=1)
    whole = (data / "dishes" / "cups" / "cup 00.png").read_bytes()
    for number in range(9_998):
        (data / "dishes" / "cups" / f"{number}.png").write_bytes(whole)
    (data / "dishes" / "cups" / "7777.png").write_bytes(whole[:-20])
    with pytest.raises(DataError, match=r"1 of 10000 files .*: cups/7777\.png \("):
        datasets.load(configure())


def test_a_bomb_is_refused_before_it_fills_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fill(tmp_path / "dishes")
    for name in ("bomb.png", "small bomb.png"):
        (folder / "cups" / name).write_bytes(DAMAGED[name][0])
    filled: list[tuple[int, int]] = []
    real = ImageFile.ImageFile.load

    def load(file: ImageFile.ImageFile) -> Any:
        filled.append(file.size)
        return real(file)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(DataError, match="2 of 18 files"):
        picture_folders.read_folder(folder, ["cups", "plates"], [SIDE, SIDE, 1], False)
    assert set(filled) == {(SIDE, SIDE)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_is_no_file_is_not_waited_for(data: Path, configure: Configure) -> None:
    fill(data / "dishes")
    os.mkfifo(data / "dishes" / "cups" / "pipe.png")
    (data / "dishes" / "cups" / "gone.png").symlink_to(data / "nowhere.png")
    with pytest.raises(DataError, match=r"2 of 18 files .*gone\.png.*pipe\.png"):
        datasets.load(configure())
