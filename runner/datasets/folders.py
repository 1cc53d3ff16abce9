"""Data sets of pictures, PNG or JPEG, in one folder for each class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from runner.base.option_types import Interpolation, Seed
from runner.datasets.picture_folders import read_folder
from runner.datasets.ratio_split import split_by_ratio
from runner.datasets.source import Arrays, Source


def _picture(shape: list[int]) -> list[int]:
    if len(shape) != 3 or min(shape) < 1 or shape[2] not in {1, 3}:  # noqa: PLR2004
        raise ValueError(f"should be height, width and 1 (gray) or 3 (RGB) channels, got {shape}")
    return shape


Shape = Annotated[list[int], AfterValidator(_picture)]
Classes = Annotated[list[str], Field(min_length=2)]
Part = Annotated[float, Field(gt=0, lt=1)]


def split_folders(
    *,
    train: str,
    test: str,
    validation: str | None,
    classes: Classes,
    shape: Shape,
    skip_damaged: bool,
    interpolation: Interpolation = "bilinear",
    origin: str | None = None,
) -> Source:
    """Describe a data set that is split by folder: `train/cats/*.jpg`, `test/cats/*.jpg` and so on.

    Args:
        train: folder of the training images, relative to a searched directory.
        test: likewise.
        validation: likewise; None where there are none of their own.
        classes: names of the folders in each, in the order of the labels.
        shape: height, width and channels that every picture is brought to.
        skip_damaged: whether files that are no whole picture are left out and listed, not refused.
        interpolation: between pixels, where pictures are brought to another size.
        origin: where people get the data set.
    """

    def read(paths: list[Path], trust: bool) -> Arrays:
        decoded = [
            read_folder(path, classes, shape, skip_damaged, trust, interpolation=interpolation)
            for path in paths
        ]
        names = ("x_train", "x_test", "x_validation")
        origins = {name: origin for name, (*_, origin) in zip(names, decoded, strict=False)}
        (x_train, y_train, _), (x_test, y_test, _), *more = decoded
        x_validation, y_validation, _ = more[0] if more else (None, None, None)
        return Arrays(x_train, y_train, x_test, y_test, x_validation, y_validation, origins)

    folders = [train, test, *([validation] if validation else [])]
    return Source(
        [folders],
        read,
        origin=origin,
        has_validation=validation is not None,
        test_split={"test": test},
    )


def whole_folder(
    *,
    folder: str,
    classes: Classes,
    shape: Shape,
    test_fraction: Part,
    split_seed: Seed,
    skip_damaged: bool,
    interpolation: Interpolation = "bilinear",
    origin: str | None = None,
) -> Source:
    """Describe a data set in one folder, `circles/*.png` and so on, that is split by ratio.

    Args:
        folder: of all images, relative to a searched directory; `dataset.data_dir` may be it.
        classes: names of the folders in it, in the order of the labels.
        shape: height, width and channels that every picture is brought to.
        test_fraction: of the images, chosen at random for the test, stratified by class.
        split_seed: of that choice alone.
        skip_damaged: whether files that are no whole picture are left out and listed, not refused.
        interpolation: between pixels, where pictures are brought to another size.
        origin: where people get the data set.
    """

    def read(paths: list[Path], trust: bool) -> Arrays:
        images, labels, origin = read_folder(
            paths[0], classes, shape, skip_damaged, trust, interpolation=interpolation
        )
        arrays = split_by_ratio(images, labels, test_fraction, split_seed, classes)
        split = f"{origin} test_fraction={test_fraction} split_seed={split_seed}"
        origins = {name: f"{split} {name}" for name in ("x_train", "x_test")}
        return replace(arrays, origins=origins)

    decides = {"test_fraction": test_fraction, "split_seed": split_seed}
    return Source([[folder]], read, origin=origin, is_folder=True, test_split=decides)
