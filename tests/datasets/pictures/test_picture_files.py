"""What a picture becomes: gray or RGB, upright, of the size that is configured."""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from runner import datasets
from runner.datasets import picture_folders

from ..toy import Array
from .dishes import RGB, SIDE, Configure, fill, save


def taken(picture: Image.Image, path: Path, shape: list[int], **options: Any) -> Array:
    return np.asarray(picture_folders.decode(save(picture, path, **options), shape), np.uint8)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (Image.new("RGB", (SIDE, SIDE), RGB), [200, 100, 50]),
        (Image.new("L", (SIDE, SIDE), 77), [77, 77, 77]),
        (Image.new("1", (SIDE, SIDE), 1), [255, 255, 255]),
        (Image.new("RGBA", (SIDE, SIDE), (*RGB, 255)), [200, 100, 50]),
        (Image.new("RGBA", (SIDE, SIDE), (*RGB, 0)), [255, 255, 255]),
        (Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 51)), [204, 204, 204]),
        (Image.new("LA", (SIDE, SIDE), (0, 0)), [255, 255, 255]),
        (Image.new("RGB", (SIDE, SIDE), RGB).convert("P"), None),
        (Image.new("I;16", (SIDE, SIDE), 77 * 257), [77, 77, 77]),
    ],
    ids=["RGB", "gray", "bits", "opaque", "transparent", "half", "gray+alpha", "palette", "16 bit"],
)
def test_every_kind_of_png_becomes_rgb(
    picture: Image.Image, expected: list[int] | None, tmp_path: Path
) -> None:
    given = taken(picture, tmp_path / "a.png", [SIDE, SIDE, 3])
    wanted = picture.convert("RGB").getpixel((0, 0)) if expected is None else expected
    assert given.shape == (SIDE, SIDE, 3)
    assert given[2, 3].tolist() == list(wanted)


def test_a_transparent_palette_is_put_on_white(tmp_path: Path) -> None:
    picture = Image.new("P", (SIDE, SIDE), 3)
    picture.putpalette([0] * 768)
    given = taken(picture, tmp_path / "a.png", [SIDE, SIDE, 1], transparency=3)
    assert (given == 255).all()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_becomes_gray_by_luminance(mode: str, tmp_path: Path) -> None:
    picture = Image.new("RGB", (16, 16), RGB)
    given = taken(picture.convert(mode), tmp_path / "a.JPG", [SIDE, SIDE, 1], quality=95)
    assert given.shape == (SIDE, SIDE, 1)
    assert given == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50, abs=3)


def test_a_photograph_is_turned_as_its_camera_was(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: right is up
    picture = Image.new("L", (40, 20))
    picture.paste(255, (0, 0, 20, 20))
    given = taken(picture, tmp_path / "a.jpg", [8, 4, 1], exif=exif)
    assert given[:3].min() > 200
    assert given[5:].max() < 50


def test_the_size_is_the_one_configured(data: Path, configure: Configure) -> None:
    fill(data / "dishes")
    save(Image.new("RGB", (300, 200), RGB), data / "dishes" / "cups" / "large.jpg")
    loaded = datasets.load(configure(shape=[10, 14, 3]))
    assert loaded.train.images.shape == (12, 10, 14, 3)
    assert loaded.train.images.dtype == np.uint8


def test_the_nearest_pixel_is_taken_as_keras_takes_it(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    folder = tmp_path / "dishes"
    for kind in ("cups", "plates"):
        for number in range(3):
            noise = random.integers(0, 256, (28, 31, 3), np.uint8)
            save(Image.fromarray(noise), folder / kind / f"{number}.png")
    shape = [17, 50, 3]
    read = partial(picture_folders.read_folder, folder, ["cups", "plates"], shape, False)
    smooth, _, _ = read()
    nearest, labels, _ = read(interpolation="nearest")
    assert (smooth != nearest).any()
    np.testing.assert_array_equal(smooth, read()[0])  # both are cached, each as what it is
    for name, label in (("cups", 0), ("plates", 1)):
        path = folder / name / "0.png"
        theirs = keras.utils.load_img(path, target_size=(17, 50), interpolation="nearest")
        first = nearest[np.flatnonzero(labels == label)[0]]
        np.testing.assert_array_equal(first, keras.utils.img_to_array(theirs))
