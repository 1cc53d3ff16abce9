"""npz and IDX, whole and damaged."""

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runner import datasets
from runner.base.errors import DataError
from runner.config.dataset_config import DatasetConfig
from runner.datasets.array_decoding import read_arrays
from runner.datasets.array_files import array_files

from .toy import Array, idx, save_layout, save_npz

Configure = Callable[..., DatasetConfig]
Toy = dict[str, Array]


def test_npz_idx_and_gzipped_idx_give_the_same_arrays(toy: Toy, tmp_path: Path) -> None:
    read = array_files(layouts=[["unused"]]).read
    whole = read([save_npz(tmp_path / "toy.npz", toy)], True)
    single = [save_npz(tmp_path / f"{name}.npz", {"arr_0": toy[name]}) for name in toy]
    for other in (
        read(save_layout(tmp_path / "plain", toy), True),
        read(save_layout(tmp_path / "gzipped", toy, gzipped=True), True),
        read(single, True),
    ):
        for name, array in vars(whole).items():
            np.testing.assert_array_equal(getattr(other, name), array)
    assert whole.x_train.shape == (40, 4, 5, 1)
    assert whole.y_test.dtype == np.int64


def test_color_images_keep_their_channels(toy: Toy, tmp_path: Path) -> None:
    color = {n: np.stack([a] * 3, axis=-1) if a.ndim == 3 else a for n, a in toy.items()}
    arrays = array_files(layouts=[["unused"]]).read([save_npz(tmp_path / "toy.npz", color)], True)
    assert arrays.x_test.shape == (10, 4, 5, 3)


def test_an_unzipped_file_is_found_under_its_name_without_gz(
    toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    for path in save_layout(tmp_path, toy):
        path.rename(path.with_suffix(""))
    data = datasets.load(toy_config(data_dir=str(tmp_path)))
    np.testing.assert_array_equal(data.test.labels, toy["y_test"])


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def wrong_magic(content: bytes) -> bytes:
    return b"\x00\x00\x0d" + content[3:]


IMAGES = np.zeros((3, 4, 5), np.uint8)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x08\x03\x00",
        b"<html>Log in to this network</html>",
        b"PK\x03\x04 no zip file at all",
        truncated(idx(IMAGES)),
        truncated(idx(IMAGES, gzipped=True)),
        idx(IMAGES) + b"\x00",
        wrong_magic(idx(IMAGES)),
        gzip.compress(wrong_magic(idx(IMAGES)), mtime=0),
        b"\x1f\x8b" + bytes(20),
    ],
)
def test_damage_is_one_line_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged cannot be decoded") as raised:
        read_arrays([path] * 4, ["x"] * 4)
    assert "\n" not in str(raised.value)


def test_a_flipped_bit_in_gzip_is_found(tmp_path: Path) -> None:
    content = bytearray(idx(np.arange(60, dtype=np.uint8).reshape(3, 4, 5), gzipped=True))
    content[-6] ^= 1  # of the check sum
    path = tmp_path / "flipped.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"flipped\.gz"):
        read_arrays([path] * 4, ["x"] * 4)


def test_a_truncated_npz_names_the_file(toy: Toy, tmp_path: Path) -> None:
    path = save_npz(tmp_path / "toy.npz", toy)
    path.write_bytes(truncated(path.read_bytes()))
    with pytest.raises(DataError, match=r"toy\.npz cannot be decoded"):
        read_arrays([path], list(toy))


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("exploded"),)


def test_nothing_is_unpickled(toy: Toy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = save_npz(tmp_path / "bomb.npz", toy | {"x_test": np.array([Bomb()], dtype=object)})
    with pytest.raises(DataError, match=r"bomb\.npz.*allow_pickle=False"):
        read_arrays([path], list(toy))
    assert not Path("exploded").exists()


def test_a_missing_array_is_named_with_those_there_are(toy: Toy, tmp_path: Path) -> None:
    path = save_npz(tmp_path / "toy.npz", {"images": toy["x_train"]})
    with pytest.raises(DataError, match=r"expected x_train, .* got images"):
        read_arrays([path], list(toy))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": np.zeros((40, 4, 5), np.float32)}, "x_train: expected images, uint8.*float32"),
        ({"x_test": np.zeros((10, 20), np.uint8)}, r"x_test: expected images.*shape \(10, 20\)"),
        ({"y_train": np.zeros(40)}, "y_train: expected labels, integers.*float64"),
        ({"y_test": np.zeros((10, 2), np.uint8)}, "y_test: expected labels"),
    ],
)
def test_arrays_of_another_kind_are_refused(
    changed: dict[str, Any], message: str, toy: Toy, tmp_path: Path
) -> None:
    path = save_npz(tmp_path / "toy.npz", toy | changed)
    with pytest.raises(DataError, match=message):
        array_files(layouts=[["unused"]]).read([path], True)


def test_a_bomb_of_gzip_is_decompressed_up_to_its_declared_shape(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    with gzip.open(path, "wb") as file:
        file.write(idx(np.zeros((2, 3, 4), np.uint8)))
        for _ in range(300):
            file.write(bytes(1_000_000))
    tracemalloc.start()
    with pytest.raises(DataError, match=r"bomb cannot .*declares 2 x 3 x 4 bytes, but more follow"):
        read_arrays([path] * 4, ["x"] * 4)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_an_array_that_has_no_room_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(available=500)
    monkeypatch.setattr("runner.datasets.array_decoding.psutil.virtual_memory", lambda: free)
    (tmp_path / "idx").write_bytes(idx(np.zeros((10, 30, 40), np.uint8), gzipped=True))
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros((10, 30, 40), np.uint8))
    for name in ("idx", "x.npz"):
        with pytest.raises(DataError, match=rf"{name} cannot be .* GB, but 0\.0 GB are free"):
            read_arrays([tmp_path / name] * 4, ["x"] * 4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": np.zeros((40, 900, 1000), np.uint8)}, r"training .*hold \(900, 1000, 1\)"),
        (
            {"x_test": np.zeros((400_000, 4, 5), np.uint8)},
            "10 test images, .* 400000 images and 10",
        ),
        ({"y_train": np.zeros(4_000_000, np.uint8)}, "40 training .* 40 images and 4000000 labels"),
        ({"y_test": np.array(["x" * 1_000_000] * 10)}, "expected numbers, got <U1000000 as "),
    ],
)
def test_more_than_the_yaml_declares_is_not_decompressed(
    changed: dict[str, Any], message: str, toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    np.savez_compressed(tmp_path / "one/toy.npz", **(toy | changed))
    paths = dict(zip(toy, save_layout(tmp_path / "four", toy, gzipped=True), strict=True))
    for name, array in changed.items():
        if array.dtype == np.uint8:
            paths[name].write_bytes(idx(array, gzipped=True))
        else:
            with paths[name].open("wb") as file:
                np.savez_compressed(file, array)
    for folder in ("one", "four"):
        config = toy_config(data_dir=str(tmp_path / folder), digests=None)
        tracemalloc.start()
        with pytest.raises(DataError, match=message):
            datasets.load(config)
        assert tracemalloc.get_traced_memory()[1] < 1e6
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["<U1", "<U20", "S3", "O"])
def test_texts_as_labels_are_no_damage(
    kind: str, toy: Toy, toy_config: Configure, tmp_path: Path
) -> None:
    texts = np.array(list("abc"), kind)[toy["y_train"].ravel() % 3]
    np.savez(tmp_path / "toy.npz", allow_pickle=True, **(toy | {"y_train": texts}))
    with pytest.raises(DataError) as raised:
        datasets.load(toy_config(data_dir=str(tmp_path), digests=None))
    said = str(raised.value)
    assert said.startswith(f"{tmp_path / 'toy.npz'}: expected numbers, got ")
    assert "as y_train.npy; labels are whole numbers from 0, their names belong into" in said
    assert "replace" not in said
