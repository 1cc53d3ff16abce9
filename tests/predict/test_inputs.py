"""The user's own pictures, arrays and tables, brought to what a network takes."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from runner.base.errors import ConfigurationError, DataError
from runner.base.option_types import Fit
from runner.config.dataset_config import OwnPictures
from runner.datasets import catalog
from runner.datasets.picture_files import refusing_bombs
from runner.datasets.picture_folders import decode
from runner.datasets.splits import Dataset
from runner.predict.inputs import input_arrays, input_files, input_pictures, input_tables
from runner.predict.inputs.input_files import FOLDER, InputReader, gather, list_input_files
from runner.predict.inputs.picture_fitting import Frame, fit_picture, invert
from runner.predict.inputs.sample import Failure, Sample
from runner.predict.prediction_task import label_of

GRAY, RGB = (28, 28, 1), (20, 30, 3)
DIGITS, CLOTHES = OwnPictures("mnist", 20, "dark"), OwnPictures("tight", 28, "dark")
DIGIT = Frame(GRAY, DIGITS)


def seven(size: tuple[int, int] = (300, 200), ink: Any = 0, paper: Any = 255) -> Image.Image:
    """A 7 of 60 x 120 pixels at the right of a page."""
    page = Image.new("RGB" if isinstance(ink, tuple) else "L", size, paper)
    strokes = [(200, 40), (260, 40), (220, 160)]
    ImageDraw.Draw(page).line(strokes, ink, 14, joint="curve")
    return page


def photograph(image: Any, random: np.random.Generator) -> Image.Image:
    """A digit in pen on paper that is brighter at one side, with a camera's noise."""
    pen = Image.fromarray(image).resize((200, 200), Image.Resampling.BICUBIC)
    drawn = np.zeros((480, 640))
    top, left = random.integers(20, 260), random.integers(20, 420)
    drawn[top : top + 200, left : left + 200] = np.clip(np.asarray(pen) / 50 - 1.5, 0, 1)
    paper = 150 + 40 * np.linspace(-1, 1, 640) + 20 * np.linspace(1, -1, 480)[:, None]
    seen = paper * (1 - drawn) + 40 * drawn + random.normal(0, 5, drawn.shape)
    return Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))


def box(pixels: Any) -> tuple[int, int, int, int]:
    rows, columns = (np.flatnonzero((pixels[..., 0] > 60).any(axis)) for axis in (1, 0))
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


def mass(pixels: Any) -> tuple[float, float]:
    weight = pixels[..., 0].astype(float)
    places = np.arange(len(weight))
    return (weight.sum(1) @ places / weight.sum(), weight.sum(0) @ places / weight.sum())


# --- pictures as the network gets them -------------------------------------------------------


def test_ink_is_made_like_mnist() -> None:
    cases: list[tuple[Any, Any, bool]] = [
        (0, 255, True),
        (255, 0, False),
        (40, 110, True),
        (200, 120, False),
        ((200, 30, 30), (250, 245, 200), True),
    ]
    for ink, paper, inverted in cases:
        pixels, done = fit_picture(seven(ink=ink, paper=paper), DIGIT)
        assert pixels.shape == GRAY
        assert pixels.dtype == np.uint8
        assert pixels.max() > 240
        assert pixels[[0, -1]].max() == 0
        top, left, bottom, right = box(pixels)
        assert 19 <= bottom - top <= 20
        assert right - left < 14
        assert mass(pixels) == pytest.approx((14, 14), abs=0.6)
        assert done.startswith("inverted, ink of " if inverted else "ink of ")
        assert done.endswith("in 300x200 -> 28x28")


def test_real_digits_come_back_from_photographs(digits: Dataset) -> None:
    random, alike = np.random.default_rng(0), []
    for image in digits.test.images[:40, ..., 0]:
        pixels, done = fit_picture(photograph(image, random), DIGIT)
        assert done.startswith("inverted")
        alike.append(np.corrcoef(pixels[..., 0].ravel(), image.ravel().astype(float))[0, 1])
    assert np.median(alike) > 0.9
    assert min(alike) > 0.5  # thin strokes, moved by less than a pixel


def test_no_test_digit_is_taken_for_its_negative(digits: Dataset) -> None:
    images = digits.test.images
    kept, inverted = invert(images, DIGIT)
    assert not inverted.any()
    np.testing.assert_array_equal(kept, images)
    back, inverted = invert(255 - images, DIGIT)
    assert inverted.all()
    np.testing.assert_array_equal(back, images)


def test_a_picture_of_the_right_size_is_left_alone(digits: Dataset) -> None:
    image = digits.test.images[0]
    pixels, done = fit_picture(Image.fromarray(image[..., 0]), DIGIT)
    np.testing.assert_array_equal(pixels, image)
    assert done == "as it is"
    pixels, done = fit_picture(Image.fromarray(255 - image[..., 0]), DIGIT)
    np.testing.assert_array_equal(pixels, image)
    assert done == "inverted, as it is"
    moved = np.roll(image, 3, axis=0)[..., 0]
    again, done = fit_picture(Image.fromarray(moved), Frame(GRAY, DIGITS, even_same=True))
    assert "ink of" in done
    assert mass(again) == pytest.approx((14, 14), abs=0.6)


def test_dust_and_the_end_of_the_table_are_no_ink() -> None:
    page = seven()
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 30, 200), 60)
    draw.rectangle((100, 150, 103, 153), 0)
    clean, _ = fit_picture(seven(), DIGIT)
    pixels, _ = fit_picture(page, DIGIT)
    assert np.abs(pixels.astype(int) - clean).mean() < 3


def test_clothes_fill_the_image() -> None:
    pixels, _ = fit_picture(seven(), Frame(GRAY, CLOTHES))
    top, left, bottom, right = box(pixels)
    assert (top, bottom) == (0, 28)
    assert abs((left + right) / 2 - 14) <= 1


def test_other_sizes_have_as_much_ink() -> None:
    for name, side in (("mnist-rgb", 20), ("mnist-14x14", 12)):
        config = catalog.configured(name)
        pixels, _ = fit_picture(seven(), Frame(config.shape, config.own_pictures))
        assert pixels.shape == config.shape
        top, _, bottom, _ = box(pixels)
        assert side - 1 <= bottom - top <= side
        assert (pixels == pixels[..., :1]).all()


def test_stated_backgrounds_are_believed() -> None:
    page = seven()
    inside = page.crop((190, 30, 270, 170)).resize((28, 28))
    kept, done = fit_picture(inside, Frame(GRAY, DIGITS, as_is=True))
    np.testing.assert_array_equal(kept[..., 0], np.asarray(inside))
    assert done == "as it is"
    turned, done = fit_picture(inside, Frame(GRAY, DIGITS, "light"))
    np.testing.assert_array_equal(turned, 255 - kept)
    inverted, done = fit_picture(page, Frame(GRAY, DIGITS, "light"))
    assert done.startswith("inverted")
    for frame in (Frame(GRAY, DIGITS, as_is=True), Frame(GRAY, OwnPictures("mnist", 20))):
        kept, done = fit_picture(page, frame)
        assert done.startswith("ink of")
        np.testing.assert_array_equal(kept, 255 - inverted)
    with pytest.raises(DataError, match="blank: nothing on it is brighter than its background"):
        fit_picture(page, Frame(GRAY, DIGITS, "dark"))


def test_a_blank_page_is_no_digit() -> None:
    noise = np.random.default_rng(0).normal(200, 4, (200, 300)).astype(np.uint8)
    for page in (Image.new("L", (300, 200), 255), Image.fromarray(noise)):
        with pytest.raises(DataError, match="blank"):
            fit_picture(page, DIGIT)


def test_whole_pictures_are_padded_cropped_or_stretched(tmp_path: Path) -> None:
    page = Image.new("RGB", (60, 20), (200, 100, 50))
    page.paste((0, 0, 255), (0, 0, 30, 20))
    page.paste((9, 9, 9), (29, 5, 31, 15))
    frames = {name: Frame(RGB, OwnPictures(name)) for name in ("pad", "crop", "stretch")}
    padded, done = fit_picture(page, frames["pad"])
    assert done == "padded 60x20 -> 30x20"
    assert len(np.unique(padded[:5].reshape(-1, 3), axis=0)) == 1
    cropped, done = fit_picture(page, frames["crop"])
    assert done == "middle of 60x20 -> 30x20"
    assert cropped[10, 0].tolist() == [0, 0, 255]
    page.save(tmp_path / "page.png")
    stretched, done = fit_picture(
        input_pictures.read_picture(tmp_path / "page.png", None), frames["stretch"]
    )
    np.testing.assert_array_equal(stretched, decode(tmp_path / "page.png", RGB))
    assert done == "stretched 60x20 -> 30x20"


@pytest.mark.parametrize("size", [(3000, 4), (4, 3000), (1999, 5)])
def test_extreme_proportions_leave_at_least_one_pixel(size: tuple[int, int]) -> None:
    page = Image.new("RGB", size, (200, 100, 50))
    for name in get_args(Fit):
        if name in {"mnist", "tight"}:
            continue
        pixels, _ = fit_picture(page, Frame(RGB, OwnPictures(name)))
        assert (pixels == [200, 100, 50]).all()


# --- files of pictures -----------------------------------------------------------------------


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


def test_files_are_listed_in_order_or_refused(tmp_path: Path) -> None:
    for name in ("b/2.png", "a/1.jpg", "a/deep/3.PNG", "a/x.npz", "a/t.csv"):
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


# --- arrays ----------------------------------------------------------------------------------


def read(path: Path, frame: Frame = DIGIT, key: str | None = None) -> list[Sample]:
    return list(input_arrays.read_array(path, key, None, frame))


def test_arrays_of_any_usual_kind_become_pixels(digits: Dataset, tmp_path: Path) -> None:
    images = digits.test.images[:4]
    kinds = {
        "uint8": images,
        "without channel": images[..., 0],
        "0..1": images / 255,
        "float 0..255": images.astype(np.float64),
        "int64": images.astype(np.int64),
        "light": 255 - images,
        "light 0..1": 1 - images[..., 0] / 255,
    }
    for name, values in kinds.items():
        np.savez(tmp_path / "images.npz", values)
        samples = read(tmp_path / "images.npz")
        np.testing.assert_allclose(np.stack([s.values for s in samples]), images, atol=1e-3)
        assert samples[3].name == f"{tmp_path / 'images.npz'}[3]"
        assert samples[0].preparation.startswith("inverted, ") == name.startswith("light")
        assert ("0..1 -> 0..255" in samples[0].preparation) == name.endswith("0..1")
    for kind in (bool, np.uint8, np.int64, np.float64):
        np.savez(tmp_path / "masks.npz", (images > 127).astype(kind))
        (sample, *_) = read(tmp_path / "masks.npz")
        np.testing.assert_array_equal(sample.values, 255 * (images[0] > 127))
        assert sample.preparation == "0..1 -> 0..255"
    np.save(tmp_path / "one.npy", images[0, ..., 0])
    (sample,) = read(tmp_path / "one.npy")
    np.testing.assert_array_equal(sample.values, images[0])


def test_the_array_that_fits_is_taken(tmp_path: Path) -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    np.savez(tmp_path / "a.npz", x=images, y=np.array([0, 1, 1]), z=images)
    with pytest.raises(DataError, match="holds x 3x28x28, y 3, z 3x28x28; choose one with --key"):
        read(tmp_path / "a.npz")
    labeled = list(input_arrays.read_array(tmp_path / "a.npz", "x", "y", DIGIT))
    assert [sample.truth for sample in labeled] == ["0", "1", "1"]
    with pytest.raises(DataError, match="there is no array w, only x, y, z"):
        read(tmp_path / "a.npz", key="w")
    np.savez(tmp_path / "b.npz", x=images, y=np.array([0, 1]))
    assert len(read(tmp_path / "b.npz")) == 3
    with pytest.raises(DataError, match="3 rows in x, but labels of"):
        list(input_arrays.read_array(tmp_path / "b.npz", None, "y", DIGIT))


def test_arrays_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    wrong: list[tuple[Any, str]] = [
        (np.zeros((2, 32, 32, 3), np.uint8), "2x32x32x3, but the network takes images of 28x28x1"),
        (np.zeros((2, 28, 28)) - 0.5, r"expected values 0\.\.1 or 0\.\.255, got -0\.5"),
        (np.full((2, 28, 28), np.nan), r"got nan\.\.nan"),
        (np.full((2, 28, 28), 256), r"got 256\.\.256"),
        (np.full((2, 28, 28), "x"), "expected numbers, got <U1"),
        (np.array([{}], object), "allow_pickle=False"),
        (np.zeros(()), "an array of one number"),
        (np.zeros((0, 28, 28), np.uint8), "holds no images"),
    ]
    for values, reason in wrong:
        np.savez(path, values)
        with pytest.raises(DataError, match=reason) as raised:
            read(path)
        assert "\n" not in str(raised.value)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"a\.npz: "):
        read(path)


def test_rows_of_an_array_are_finite_numbers(tmp_path: Path) -> None:
    path, frame = tmp_path / "a.npz", Frame((2,), OwnPictures())
    np.savez(path, np.array([[1, 2], [3.5, 4]]))
    assert [sample.values.tolist() for sample in read(path, frame)] == [[1, 2], [3.5, 4]]
    for values, reason in (
        (np.array([[1, np.nan]]), "expected finite numbers"),
        (np.array([[1, 1e39]]), "expected finite numbers"),
        (np.zeros((0, 2)), "holds no rows of features"),
    ):
        np.savez(path, values)
        with pytest.raises(DataError, match=reason):
            read(path, frame)


def test_an_array_that_fills_memory_is_refused_by_its_header(tmp_path: Path) -> None:
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (9000000, 28, 28), }"
    padded = header + b" " * (-(len(header) + 11) % 64) + b"\n"
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded
    (tmp_path / "huge.npy").write_bytes(start)
    with pytest.raises(DataError, match="declares more than 4,000,000,000 bytes"):
        read(tmp_path / "huge.npy")


# --- tables ----------------------------------------------------------------------------------


def test_rows_come_from_numbers_or_csv(tmp_path: Path) -> None:
    assert [s.values.tolist() for s in input_tables.from_values([1, 2, 3, 4], (2,))] == [
        [1, 2],
        [3, 4],
    ]
    with pytest.raises(DataError, match="3 numbers, but the network takes 2 a row"):
        list(input_tables.from_values([1, 2, 3], (2,)))
    for wrong in ("nan", "-inf", "1e39"):
        with pytest.raises(DataError, match="expected finite numbers of 32 bits"):
            list(input_tables.from_values([1, float(wrong)], (2,)))
    path = tmp_path / "a.csv"
    path.write_text("weight,age,tone\n4,baby,50\n\n80.5, adult ,7e1\n")
    rows = list(input_tables.read_csv(path, "age", 2))
    assert [(row.values.tolist(), row.truth) for row in rows] == [
        ([4, 50], "baby"),
        ([80.5, 70], "adult"),
    ]
    assert rows[1].name == f"{path}:4"
    path.write_text("4,50\n80,70\n")
    assert len(list(input_tables.read_csv(path, None, 2))) == 2
    path.write_text("infant weight,information,2025\n4,50,baby\n")
    (row,) = input_tables.read_csv(path, "2025", 2)
    assert (row.values.tolist(), row.truth) == ([4, 50], "baby")
    path.write_text("3.5x\n4\n")
    with pytest.raises(DataError, match=r"line 1: .* got 3\.5x"):
        list(input_tables.read_csv(path, None, 1))


def test_wrong_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for text, reason in (
        ("1,2\n3\n", "line 2: the network takes a row of 2 finite numbers, got 3"),
        ("a,b\n1,x\n", "line 2: the network takes a row of 2 finite numbers, got 1,x"),
        ("1,2\n1,nan\n", "line 2"),
        ("1,2\n1,1e39\n", "line 2"),
        ("3.5x,2\n1,2\n", "line 1: .* got 3.5x,2"),
        ("3.5x,2y\n1,2\n", "line 1"),
        ("nan,-inf\n1,2\n", "line 1"),
        ("", "a.csv: holds no rows"),
        ("weight,tone\n\n", "holds no rows"),
        ("a,b,age\n1,2,x\n3,4\n", "line 3: expected a value in the column age, got none"),
        ("1,2\n", "no column age, only numbers"),
    ):
        path.write_text(text)
        with pytest.raises(DataError, match=reason):
            list(input_tables.read_csv(path, "age" if "age" in reason else None, 2))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="expected CSV text"):
        list(input_tables.read_csv(path, None, 2))


# --- classes ---------------------------------------------------------------------------------


def test_a_class_is_meant_by_its_name_then_by_its_number() -> None:
    letters = [["A", "B", "a", "b"]]
    assert [label_of(word, letters) for word in ("A", "b", "a", "3")] == [0, 3, 2, 3]
    clothes = [["T-shirt", "Bag"], ["Camiseta", "bolsa"]]
    assert [label_of(word, clothes) for word in ("bag", "Bolsa", "t-SHIRT", "1")] == [1, 1, 0, 1]
    assert label_of("6", [["5", "6"]]) == 1
    for word in ("AB", "C", "4", ""):
        assert label_of(word, [["Ab", "aB", "a", "b"]]) is None
