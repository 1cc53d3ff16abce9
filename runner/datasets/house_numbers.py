"""Street View House Numbers in their own format, MATLAB files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from runner.base.errors import DataError
from runner.base.lazy import scipy
from runner.datasets.array_decoding import NamedArray
from runner.datasets.array_files import Address, as_images, as_labels
from runner.datasets.source import Arrays, Source

_ZERO = 10
"""Label that the files give to the digit 0."""


def house_numbers(
    *, layout: Annotated[list[str], Field(min_length=2, max_length=2)], download: Address | None
) -> Source:
    """Describe house numbers cropped to single digits, in the files that Stanford offers.

    Each holds `X`, uint8 [height, width, channels, n], and `y`, [n, 1], where 10 is the digit 0.

    Args:
        layout: the files of the training and of the test images.
        download: address of the directory on the web that holds them.
    """

    def read(paths: list[Path], trust: bool) -> Arrays:
        del trust  # nothing is cached of arrays
        (x_train, y_train), (x_test, y_test) = (_read(path) for path in paths)
        return Arrays(x_train, y_train, x_test, y_test)

    return Source([layout], read, download=download, test_split={})


def _read(path: Path) -> tuple[Any, Any]:
    """Return images [n, height, width, channels] and labels [n] of a file.

    Raises:
        DataError: it is damaged, or holds something else.
    """
    try:
        stored = scipy.io.loadmat(path, variable_names=["X", "y"])
        images, labels = stored["X"], stored["y"]
    except Exception as error:  # SciPy has no class of its own for a damaged file
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path}: expected a MATLAB file with X and y, replace it: {reason}"
        ) from error
    moved = np.moveaxis(images, -1, 0)
    of_images = as_images(NamedArray(np.ascontiguousarray(moved), f"{path}: X"))
    of_labels = as_labels(NamedArray(labels, f"{path}: y"))
    return of_images, np.where(of_labels == _ZERO, 0, of_labels)
