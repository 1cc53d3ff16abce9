"""What a data set is made from: files, and the way to decode them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.datasets.splits import Images, Labels


@dataclass(frozen=True)
class Arrays:
    """A decoded data set, in the order in which it is stored.

    Attributes:
        x_train: images, uint8, [n, height, width, channels].
        y_train: labels, int64, [n].
        x_test: like `x_train`.
        y_test: like `y_train`.
    """

    x_train: Images
    y_train: Labels
    x_test: Images
    y_test: Labels


ARRAYS = tuple(field.name for field in fields(Arrays))


@dataclass(frozen=True)
class Source:
    """Files that hold a data set; every function a data set's `source` may name returns one.

    Attributes:
        layouts: sets of files, relative to any searched directory; one complete set will do.
        read: decodes one such set.
        digests: SHA-256 of each array in C order, labels as bytes; None accepts any content.
        download: address of the directory on the web that holds the files of the first layout.
    """

    layouts: list[list[str]]
    read: Callable[[list[Path]], Arrays]
    digests: dict[str, str] | None = None
    download: str | None = None

    @property
    def urls(self) -> dict[str, str]:
        """The address of each file of the first layout; empty where there is no download."""
        if self.download is None:
            return {}
        base = self.download.rstrip("/")
        return {file: f"{base}/{Path(file).name}" for file in self.layouts[0]}
