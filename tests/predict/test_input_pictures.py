"""Picture files of every usual kind are read, and what is none is named with its fault."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from predict.drawn_pictures import DIGIT, GRAY, RGB, seven
from runner.base.errors import DataError
from runner.config.dataset_config import OwnPictures
from runner.datasets.picture_files import refusing_bombs
from runner.datasets.picture_folders import decode
from runner.predict.inputs import input_pictures
from runner.predict.inputs.input_files import InputReader, gather, list_input_files
from runner.predict.inputs.picture_fitting import Frame, fit_picture
from runner.predict.inputs.sample import Failure, Sample


def transparent(ink: int) -> Image.Image:
    alpha = Image.eval(seven(), lambda value: 255 - value)
    layer = Image.new("RGBA", alpha.size, (ink, ink, ink, 0))
    layer.putalpha(alpha)
    return layer


KINDS: dict[str, tuple[Callable[[], Image.Image], str]] = {
    "gray.png": (seven, "inverted"),
    "color.jpg": (lambda: seven(ink=(0, 0, 120), paper=(250, 250, 250)), "inverted"),
    "palette.png": (lambda: seven().convert("P"), "inverted"),
    "bits.png": (lambda: seven().convert("1"), "inverted"),
    "16-bit.png": (
        lambda: Image.fromarray(np.asarray(seven()).astype(np.uint16) * 257),
        "inverted",
    ),
    "black-on-nothing.png": (lambda: transparent(0), "inverted"),
    "white-on-nothing.png": (lambda: transparent(255), "ink"),
    "one.gif": (seven, "inverted"),
    "page.bmp": (seven, "inverted"),
    "page.webp": (seven, "inverted"),
    "page.tiff": (seven, "inverted"),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_picture_is_read(name: str, tmp_path: Path) -> None:
    make, begins = KINDS[name]
    make().save(tmp_path / name)
    pixels, done = fit_picture(input_pictures.read_picture(tmp_path / name, "dark"), DIGIT)
    expected, _ = fit_picture(seven(), DIGIT)
    assert np.abs(pixels.astype(int) - expected).mean() < 6
    assert done.startswith(begins)


@pytest.mark.parametrize("ink", [0, 130, 255])
def test_what_is_transparent_is_on_white_as_in_training(ink: int, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    transparent(ink).save(path)
    for shape in (GRAY, RGB):
        (items,) = gather([path], InputReader(Frame(shape, OwnPictures("stretch"))))
        (sample,) = items
        assert isinstance(sample, Sample)
        np.testing.assert_array_equal(sample.values, decode(path, shape))


@pytest.mark.parametrize("name", ["crop", "pad"])
@pytest.mark.parametrize("mode", ["P", "1", "LA"])
def test_pictures_of_few_colors_are_resized_as_smoothly(name: Any, mode: str) -> None:
    frame, page = Frame(GRAY, OwnPictures(name)), seven().convert(mode)
    pixels, _ = fit_picture(page, frame)
    expected, _ = fit_picture(page.convert("L"), frame)
    np.testing.assert_array_equal(pixels, expected)
    assert len(np.unique(pixels)) > 10


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_gray_values_of_32_bits_are_refused(kind: Any, tmp_path: Path) -> None:
    Image.fromarray(np.asarray(seven()).astype(kind)).save(tmp_path / "a.tiff")
    with pytest.raises(DataError, match=r"a\.tiff: gray values of 32 bits; save the picture with"):
        input_pictures.read_picture(tmp_path / "a.tiff", "dark")


def test_a_photograph_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    seven().rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif)
    pixels, _ = fit_picture(input_pictures.read_picture(tmp_path / "turned.jpg", "dark"), DIGIT)
    assert np.abs(pixels.astype(int) - fit_picture(seven(), DIGIT)[0]).mean() < 6


def bomb(side: int) -> bytes:
    """A PNG of a few hundred bytes that declares side x side pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes(99))), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_what_is_no_picture_is_named_with_its_fault(tmp_path: Path) -> None:
    seven().save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    Image.new("L", (1, 1)).save(tmp_path / "dot.png")
    first = seven()
    first.save(tmp_path / "film.gif", save_all=True, append_images=[Image.new("L", first.size)])
    contents = {
        "bomb.png": bomb(20_000),
        "small-bomb.png": bomb(8_100),
        "cut.png": whole[: len(whole) // 2],
        "empty.png": b"",
        "phone.heic": b"\0\0\0\x18ftypheic",
        "text.jpg": b"hello",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "notes.txt").write_text("nothing to see")
    (tmp_path / ".DS_Store").write_text("")
    files, left_out = list_input_files([tmp_path], False)
    assert left_out == [tmp_path / "notes.txt"]
    (items,) = gather(files, InputReader(DIGIT))
    assert [Path(item.name).name for item in items] == sorted(
        [*contents, "dot.png", "film.gif", "whole.png"]
    )
    faults = {Path(item.name).name: item.reason for item in items if isinstance(item, Failure)}
    expected = {
        "bomb.png": "more pixels than the 65,000,000",
        "small-bomb.png": "more pixels than the 65,000,000",
        "cut.png": "",
        "dot.png": "only 1 x 1 pixels",
        "empty.png": "empty",
        "film.gif": "holds 2 pictures",
        "phone.heic": "no picture, or of a kind that is not read",
        "text.jpg": "no picture, or of a kind that is not read",
    }
    assert faults.keys() == expected.keys()
    for name, reason in expected.items():
        assert reason in faults[name]
        assert "\n" not in faults[name]
        assert str(tmp_path) not in faults[name]


def test_a_bomb_is_not_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFile

    (tmp_path / "bomb.png").write_bytes(bomb(8_100))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    before = Image.MAX_IMAGE_PIXELS
    with refusing_bombs(), pytest.raises(DataError, match="more pixels than the 65,000,000"):
        input_pictures.read_picture(tmp_path / "bomb.png", None)
    assert before == Image.MAX_IMAGE_PIXELS


def test_large_pictures_are_held_once_and_judged_when_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Image.new("RGBA", (2000, 1600), (0, 0, 0, 0))
    ImageDraw.Draw(page).line([(703, 100), (703, 1500)], (255, 255, 255, 255))
    page.save(tmp_path / "thin.png")
    monkeypatch.setattr(Image.Image, "copy", lambda self: pytest.fail("copied"))
    opaque = input_pictures.read_picture(tmp_path / "thin.png", "dark")
    assert opaque.convert("L").getextrema() == (0, 255)
