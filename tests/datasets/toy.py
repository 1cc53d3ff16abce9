"""How the toy data set of these tests is written to files."""

import gzip
import hashlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint8]
SIZES = {"train": 40, "test": 10}
LAYOUT = ["toy/x-train.gz", "toy/y-train.gz", "toy/x-test.gz", "toy/y-test.gz"]


def sha256(array: Array) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def save_npz(path: Path, arrays: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return path


def idx(array: Array, gzipped: bool = False) -> bytes:
    content = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content += array.tobytes()
    return gzip.compress(content, mtime=0) if gzipped else content


def save_layout(directory: Path, arrays: dict[str, Array], gzipped: bool = False) -> list[Path]:
    paths = [directory / file for file in LAYOUT]
    for path, array in zip(paths, arrays.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(idx(array, gzipped))
    return paths
