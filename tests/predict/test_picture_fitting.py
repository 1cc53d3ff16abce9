"""Pictures become what a network takes: ink, size and background as in its training images."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image, ImageDraw

from predict.drawn_pictures import CLOTHES, DIGIT, DIGITS, GRAY, RGB, seven
from runner.base.errors import DataError
from runner.base.option_types import Fit
from runner.config.dataset_config import OwnPictures
from runner.datasets import catalog
from runner.datasets.picture_folders import decode
from runner.datasets.splits import Dataset
from runner.predict.inputs import input_pictures
from runner.predict.inputs.picture_fitting import Frame, fit_picture, invert


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
