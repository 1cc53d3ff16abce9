"""EMNIST and SVHN in the formats of those who offer them; the files here are made up."""

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import io

from runner import datasets
from runner.base.errors import DataError
from runner.datasets.catalog import configured


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(header + array.astype(np.uint8).tobytes()))


def test_emnist_is_turned_upright(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (94, 28, 28))
    labels = np.arange(94) % 47
    config = configured("emnist")
    (layout,) = config.source().layouts
    for file, array in zip(layout, (images, labels, images[:47], labels[:47]), strict=True):
        write_idx(tmp_path / file, array)
    data = datasets.load(replace(config, data_dir=str(tmp_path), train_images=94, test_images=47))
    np.testing.assert_array_equal(data.train.images[..., 0], images.swapaxes(1, 2))
    assert len(config.task().names) == 47


def test_house_numbers_begin_with_the_images_and_10_is_0(tmp_path: Path) -> None:
    config = configured("svhn")
    images = np.random.default_rng(0).integers(0, 256, (32, 32, 3, 20)).astype(np.uint8)
    labels = (1 + np.arange(20) % 10)[:, None].astype(np.uint8)
    (tmp_path / "svhn").mkdir()
    for name in ("train", "test"):
        io.savemat(tmp_path / f"svhn/{name}_32x32.mat", {"X": images, "y": labels})
    data = datasets.load(replace(config, data_dir=str(tmp_path), train_images=20, test_images=20))
    np.testing.assert_array_equal(data.test.images[7], images[..., 7])
    assert data.train.labels.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0] * 2
    for content in (b"no MATLAB file, but long enough to be looked at" * 9, b""):
        (tmp_path / "svhn/test_32x32.mat").write_bytes(content)
        with pytest.raises(DataError, match=r"test_32x32.mat: expected a MATLAB file"):
            datasets.load(replace(config, data_dir=str(tmp_path)))
