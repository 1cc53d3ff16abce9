"""Data sets kept as whole arrays: npz in the layouts of Keras and KMNIST, IDX as MNIST's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from runner.base.array_types import Images
from runner.base.option_types import Count, Natural
from runner.datasets import array_decoding, resizing
from runner.datasets.folders import Shape
from runner.datasets.source import ARRAYS, Arrays, Source


def _one_or_four(files: list[str]) -> list[str]:
    if len(files) not in {1, len(ARRAYS)}:
        raise ValueError(
            f"expected one file with {', '.join(ARRAYS)}, or four with one of them each in that "
            f"order, got {len(files)}"
        )
    return files


Layout = Annotated[list[str], AfterValidator(_one_or_four)]
Sides = Annotated[list[Count], Field(min_length=2, max_length=2)]
ArrayName = Literal["x_train", "y_train", "x_test", "y_test"]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Address = Annotated[str, Field(pattern="^https?://")]


def array_files(
    *,
    layouts: Annotated[list[Layout], Field(min_length=1)],
    digests: dict[ArrayName, Sha256] | None = None,
    download: Address | None = None,
    border: Natural = 0,
    resized_to: Sides | None = None,
    fitted_to: Shape | None = None,
) -> Source:
    """Describe a data set in one npz of four arrays, or in four npz or IDX files of one each.

    Args:
        layouts: names of files, relative to a searched directory. IDX files may be gzipped or not,
            whatever their names say.
        digests: SHA-256 of the decoded arrays.
        download: address of the directory on the web with the files of the first layout.
        border: rows and columns cut off at each side of the images once they are verified.
        resized_to: height and width they are then resampled to; None keeps theirs.
        fitted_to: height, width and channels that they then have: with an empty border around them,
            and gray repeated to RGB; None leaves them as they are.
    """

    def changed(images: Images) -> Images:

        images = resizing.crop_border(images, border)
        images = resizing.resize_images(images, resized_to) if resized_to else images
        return array_decoding.fit_images(images, fitted_to) if fitted_to else images

    def prepare(arrays: Arrays) -> Arrays:
        return replace(arrays, x_train=changed(arrays.x_train), x_test=changed(arrays.x_test))

    return Source(
        layouts,
        _read,
        dict(digests.items()) if digests else None,
        download,
        prepare=prepare if border or resized_to or fitted_to else None,
        test_split={},
    )


def _read(paths: list[Path], trust: bool) -> Arrays:
    del trust  # nothing is kept of arrays

    x_train, y_train, x_test, y_test = array_decoding.read_arrays(paths, ARRAYS)
    return Arrays(
        array_decoding.as_images(x_train),
        array_decoding.as_labels(y_train),
        array_decoding.as_images(x_test),
        array_decoding.as_labels(y_test),
    )
