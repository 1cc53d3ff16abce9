"""Arrays of numbers become what a network takes, or are refused."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from predict.drawn_pictures import DIGIT
from runner.base.errors import DataError
from runner.config.dataset_config import OwnPictures
from runner.datasets.splits import Dataset
from runner.predict.inputs import input_arrays
from runner.predict.inputs.picture_fitting import Frame
from runner.predict.inputs.sample import Sample


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
