"""Pictures in folders: which are taken, in which order, and what is said of damaged ones."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from building import BASE
from PIL import Image, ImageFile

from runner import datasets
from runner.base.cache import cache_folder
from runner.base.errors import ConfigurationError, DataError
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.datasets import file_search, picture_folders

from .toy import Array

Configure = Callable[..., DatasetConfig]
SHARED = os.environ.get("RUNNER_DATA")  # before the fixtures hide it
SIDE = 6


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNNER_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def configure() -> Configure:
    """Configure cups and plates in folders, of one directory or of several splits."""

    def build(**source: Any) -> DatasetConfig:
        shape = source.pop("shape", [SIDE, SIDE, 1])
        node = {
            "name": "dishes",
            "title": "Dishes",
            "shape": shape,
            "class_names": {"en": ["cups", "plates"], "pt": ["copos", "pratos"]},
            "train_images": None,
            "test_images": None,
        }
        for field in ("data_dir", "train_size", "validation_fraction", "train_images"):
            if field in source:
                node[field] = source.pop(field)
        whole = {"folder": "dishes", "test_fraction": 0.25, "split_seed": 0}
        function = "split_folders" if "train" in source else "whole_folder"
        split = {"validation": None} if "train" in source else whole
        options = split | {"classes": ["cups", "plates"], "skip_damaged": False} | source
        target = {"_target_": f"runner.datasets.folders.{function}", "shape": shape}
        return parse_dataset(BASE | node | {"source": target | options})

    return build


def gray(value: int, side: int = SIDE) -> Image.Image:
    return Image.new("L", (side, side), value)


def save(picture: Image.Image, path: Path, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)
    return path


def fill(folder: Path, cups: int = 8, plates: int = 8) -> Path:
    """Write pictures whose gray value is their number, plates' from 100 on."""
    for number in range(cups):
        save(gray(number), folder / "cups" / f"cup {number:02}.png")
    for number in range(plates):
        save(gray(100 + number), folder / "plates" / f"plate {number:02}.png")
    return folder


def values(images: Any) -> list[int]:
    return [int(image[0, 0, 0]) for image in images]


# --- order, splits ---------------------------------------------------------------------------


def test_labels_are_those_of_the_folders_and_classes_alternate(data: Path) -> None:
    folder = fill(data / "dishes", cups=4, plates=8)
    images, labels, _ = picture_folders.read_folder(
        folder, ["cups", "plates"], [SIDE, SIDE, 1], False
    )
    assert values(images) == [100, 0, 101, 102, 1, 103, 104, 2, 105, 106, 3, 107]
    np.testing.assert_array_equal(labels == 1, np.array(values(images)) >= 100)


def test_labels_follow_the_classes_not_the_alphabet(data: Path) -> None:
    folder = fill(data / "dishes")
    images, labels, _ = picture_folders.read_folder(
        folder, ["plates", "cups"], [SIDE, SIDE, 1], False
    )
    np.testing.assert_array_equal(labels == 0, np.array(values(images)) >= 100)
    again, relabeled, _ = picture_folders.read_folder(
        folder, ["cups", "plates"], [SIDE, SIDE, 1], False
    )
    np.testing.assert_array_equal(relabeled == 1, np.array(values(again)) >= 100)


def test_a_split_by_ratio_is_stratified_complete_and_depends_on_its_seed(
    data: Path, configure: Configure
) -> None:
    fill(data / "dishes", cups=8, plates=16)
    first, second = datasets.load(configure()), datasets.load(configure())
    assert np.bincount(first.test.labels).tolist() == [2, 4]
    train, test = values(first.train.images), values(first.test.images)
    assert sorted(train + test) == [*range(8), *range(100, 116)]
    assert values(second.test.images) == test
    assert values(datasets.load(configure(split_seed=1)).test.images) != test
    for part in (first.train, first.test):
        np.testing.assert_array_equal(part.labels == 1, np.array(values(part.images)) >= 100)


def test_a_split_by_folder_keeps_every_folder_to_itself(data: Path, configure: Configure) -> None:
    fill(data / "dishes" / "train")
    fill(data / "dishes" / "test", cups=2, plates=3)
    fill(data / "dishes" / "watch", cups=3, plates=1)
    folders = {"train": "dishes/train", "test": "dishes/test"}
    loaded = datasets.load(configure(**folders, validation="dishes/watch"))
    assert loaded.validation is not None
    assert [len(s) for s in (loaded.train, loaded.validation, loaded.test)] == [16, 4, 5]
    assert np.bincount(loaded.validation.labels).tolist() == [3, 1]
    assert set(loaded.digests) >= {"x_train", "x_validation", "y_test"}
    ratio = datasets.load(configure(**folders, validation_fraction=0.25))
    assert ratio.validation is not None
    assert (len(ratio.train), len(ratio.validation)) == (12, 4)
    with pytest.raises(ConfigurationError, match="validation images of its own"):
        configure(**folders, validation="dishes/watch", validation_fraction=0.25)


def test_the_first_images_are_a_fair_part_of_all(data: Path, configure: Configure) -> None:
    fill(data / "dishes")
    folders = {"train": "dishes", "test": "dishes"}
    loaded = datasets.load(configure(train_size=6, **folders))
    assert np.bincount(loaded.train.labels).tolist() == [3, 3]
    with pytest.raises(ConfigurationError, match="train_size=13: dishes has only 12"):
        datasets.load(configure(train_size=13))


def test_data_dir_may_be_the_folder_itself_whatever_its_name(
    tmp_path: Path, configure: Configure
) -> None:
    fill(tmp_path / "my own pictures")
    config = configure(data_dir=str(tmp_path / "my own pictures"))
    assert len(datasets.load(config).train) == 12


def test_a_folder_that_is_nowhere_is_said_with_its_origin(configure: Configure) -> None:
    with pytest.raises(DataError) as raised:
        datasets.load(configure(origin="get Dishes from https://dishes.example"))
    for part in ("dishes is not on this machine", "get Dishes from https", "RUNNER_DATA"):
        assert part in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_declared_number_is_compared(data: Path, configure: Configure) -> None:
    fill(data / "dishes")
    with pytest.raises(DataError, match="declares 13 training images, its files hold 12"):
        datasets.load(configure(train_images=13))


def test_examples_are_the_same_ones_at_any_size(data: Path, configure: Configure) -> None:
    fill(data / "dishes")

    def told(**source: Any) -> list[str]:
        loaded = datasets.load(configure(validation_fraction=0.5, **source))
        assert loaded.validation is not None
        return [loaded.test.examples, loaded.validation.examples]

    ratio, folders = told(), {"train": "dishes", "test": "dishes"}
    split = told(**folders)
    assert told() == told(shape=[8, 7, 3]) == ratio  # decoded, from the cache, and at another size
    assert told(**folders, shape=[8, 7, 3]) == split
    others = [told(split_seed=1), told(test_fraction=0.5), told(classes=["plates", "cups"])]
    for test, validation in [split, *others]:
        assert test != ratio[0]
        assert validation != ratio[1]
    assert len({*ratio, *split}) == 4
    save(gray(77), data / "dishes" / "cups" / "cup 03.png")
    assert told(**folders)[0] != split[0]


# --- what a picture becomes ------------------------------------------------------------------


def taken(picture: Image.Image, path: Path, shape: list[int], **options: Any) -> Array:
    return np.asarray(picture_folders.decode(save(picture, path, **options), shape), np.uint8)


RGB = (200, 100, 50)


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


# --- what is no picture ----------------------------------------------------------------------


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
    "Thumbs.db": (b"\x00\x01", "no PNG or JPEG file"),
    ".DS_Store": (b"\x00\x01", "no PNG or JPEG file"),
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
    with pytest.raises(ConfigurationError, match="1 of the rarest class") as raised:
        datasets.load(configure())
    assert "\n" not in str(raised.value)


# --- what is kept ----------------------------------------------------------------------------


def test_unchanged_files_are_decoded_once(
    data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data / "dishes")
    first = datasets.load(configure())
    calls: list[Path] = []
    real = picture_folders.decode

    def counted(path: Path, shape: list[int], *rest: Any) -> Any:
        calls.append(path)
        return real(path, shape, *rest)

    monkeypatch.setattr(picture_folders, "decode", counted)
    np.testing.assert_array_equal(datasets.load(configure()).train.images, first.train.images)
    assert not calls
    changed = save(gray(55), data / "dishes" / "cups" / "cup 03.png")
    both = datasets.load(configure())
    assert len(calls) == 16
    assert 55 in [*values(both.train.images), *values(both.test.images)]
    datasets.load(configure(shape=[SIDE, SIDE, 3]))
    assert len(calls) == 32
    changed.rename(changed.with_name("renamed.png"))
    datasets.load(configure())
    assert len(calls) == 48


@pytest.mark.parametrize("module", ["picture_folders.py", "picture_files.py"])
def test_files_are_decoded_again_by_another_decoder(
    module: str, data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data / "dishes")
    datasets.load(configure())
    real = Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda path, **how: real(path, **how) + "#" * (path.name == module)
    )

    def no_longer(path: Path, shape: list[int], *rest: Any) -> Any:
        raise ValueError("decoded again")

    monkeypatch.setattr(picture_folders, "decode", no_longer)
    with pytest.raises(DataError, match="decoded again"):
        datasets.load(configure())


def test_a_damaged_or_unwritable_cache_costs_only_time(
    data: Path, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data / "dishes")
    first = datasets.load(configure()).digests
    (place,) = (cache_folder() / "pictures").iterdir()
    place.write_bytes(place.read_bytes()[:500])
    assert datasets.load(configure()).digests == first
    monkeypatch.setenv("XDG_CACHE_HOME", str(data / "dishes" / "cups" / "cup 00.png"))
    assert datasets.load(configure()).digests == first


# --- real files ------------------------------------------------------------------------------


def real(name: str, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Any:
    from dataclasses import replace

    from runner.datasets import catalog

    config = catalog.configured(name)
    monkeypatch.setenv("RUNNER_DATA", str(SHARED))
    if file_search.find_files(config.source()) is None:
        pytest.skip(f"RUNNER_DATA has no {name}")
    return datasets.load(replace(config, **changes))


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA is not set")
def test_basic_shapes_are_read_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    data = real("shapes", monkeypatch)
    assert data.train.images.shape == (240, 28, 28, 3)
    assert np.bincount(data.test.labels).tolist() == [20, 20, 20]
    stored = {
        np.asarray(Image.open(path).convert("RGB")).tobytes(): path.parent.name
        for path in Path(str(SHARED), "shapes").rglob("*.png")
    }
    for part in (data.train, data.test):
        names = [stored[image.tobytes()] for image in part.images]
        assert names == [data.class_names[label] for label in part.labels]


@pytest.mark.skipif(not SHARED, reason="RUNNER_DATA is not set")
def test_cats_and_dogs_are_split_by_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    data = real("cats-dogs", monkeypatch, validation_fraction=0.1)
    assert data.train.images.shape == (1800, 150, 150, 3)
    assert data.validation is not None
    assert np.bincount(data.validation.labels).tolist() == [100, 100]
    assert np.bincount(data.test.labels).tolist() == [500, 500]
    first = Path(str(SHARED), "cats_dogs/validation/cats/cat.2000.jpg")
    given = picture_folders.decode(first, [150, 150, 3])
    np.testing.assert_array_equal(data.test.images[0], given)
    assert data.test.labels[0] == 0


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
