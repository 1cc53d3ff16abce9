"""Sources of data sets: their files, and the function that decodes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.base.array_types import Images, Targets


@dataclass(frozen=True)
class Arrays:
    """A decoded data set, in the order in which it is stored.

    Attributes:
        x_train: images, uint8, [n, height, width, channels], or float32 [n, features] of a table.
        y_train: labels, int64, [n].
        x_test: like `x_train`.
        y_test: like `y_train`.
        x_validation: like `x_train`, where the data set has validation images of its own.
        y_validation: like `y_train`.
        origins: identity of the examples of `x_train` and so on, where the same ones could
            have been decoded to another size; see `runner.datasets.loader`.
    """

    x_train: Images
    y_train: Targets
    x_test: Images
    y_test: Targets
    x_validation: Images | None = None
    y_validation: Targets | None = None
    origins: dict[str, str] = field(default_factory=dict)

    def named(self) -> dict[str, Images | Targets]:
        """Return those arrays that there are, by name."""
        arrays = {name: array for name, array in vars(self).items() if name != "origins"}
        return {name: array for name, array in arrays.items() if array is not None}


ARRAYS = ("x_train", "y_train", "x_test", "y_test")


@dataclass(frozen=True)
class Source:
    """Files that hold a data set; every function a data set's `source` may name returns one.

    Attributes:
        layouts: sets of files or folders, relative to any searched directory; one complete set will
            do. None at all: the data set is made without files.
        read: decodes one such set; where the second argument is false, without trust in what was
            cached when files of the same size and time were decoded.
        digests: SHA-256 of each array in C order, labels as bytes; None accepts any content.
        download: address of the directory on the web that holds the files of the first layout, or a
            function that writes the one file of it to a path, and raises DataError if it cannot.
        origin: where people get the files, if there is no download.
        prepare: changes what was read, once it is verified.
        has_validation: whether it has validation images of its own.
        is_folder: whether each layout is one folder, which may have any name.
        test_split: those options of the source, by name, that decide which images are test images;
            {} where the files alone do. None: any option may, so that no run goes on from one with
            another value of any of them.
        shapes: returns the shape of each array, prepared, by what the headers of the files declare,
            before they are decoded; None where headers say nothing of that.
    """

    layouts: list[list[str]]
    read: Callable[[list[Path], bool], Arrays]
    digests: dict[str, str] | None = None
    download: str | Callable[[Path], None] | None = None
    origin: str | None = None
    prepare: Callable[[Arrays], Arrays] | None = None
    has_validation: bool = False
    is_folder: bool = False
    test_split: Mapping[str, Any] | None = None
    shapes: Callable[[list[Path]], dict[str, tuple[int, ...]]] | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The address of each file of the first layout; empty where they have none."""
        if not isinstance(self.download, str):
            return {}
        base = self.download.rstrip("/")
        return {file: f"{base}/{Path(file).name}" for file in self.layouts[0]}
