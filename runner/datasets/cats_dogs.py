"""Kaggle's Dogs vs. Cats, `cat.0.jpg` to `dog.12499.jpg`, sorted into the handout's folders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from runner.base.errors import ConfigurationError
from runner.datasets.picture_archive import Unpacked, opened_archive, unpack

FOLDER = "cats_dogs_20000"
"""Where `dataset=cats-dogs-20000` looks for the pictures."""
COUNTS = {"train": 10_000, "validation": 1_000, "test": 1_000}
"""Pictures of each class, as the handout takes them."""

_CLASSES = {"cat": "cats", "dog": "dogs"}
_NAME = re.compile(r"(cat|dog)\.(\d+)\.jpe?g", re.IGNORECASE)


def sort_pictures(path: Path, folder: Path, counts: Mapping[str, int]) -> None:
    """Unpack an archive into `train/cats/cat.0.jpg` and so on, in the order of the numbers.

    Pictures in a folder `test` of the archive are the test pictures where their names tell the
    class; those of Kaggle's own test do not.

    Args:
        path: of the archive, Kaggle's `train.zip`.
        folder: to be made.
        counts: pictures of each class in each folder.

    Raises:
        DataError: the archive is damaged or not to be trusted.
        ConfigurationError: it has too few pictures, or the folder is there already.
    """
    with opened_archive(path) as archive:
        unpack(archive, _sorted(archive, path, counts), folder)


def _sorted(archive: ZipFile, path: Path, counts: Mapping[str, int]) -> Iterator[Unpacked]:
    own_test = _numbered(archive, in_test=True)
    numbered = _numbered(archive, in_test=False)
    for kind, folder in _CLASSES.items():
        pictures = numbered.get(kind, [])
        for split, count in counts.items():
            from_test = split == "test" and kind in own_test
            source = own_test[kind] if from_test else pictures
            taken = source[:count]
            if len(taken) < count:
                raise ConfigurationError(
                    f"{path}: expected {count:,} pictures {kind}.NUMBER.jpg for the folder "
                    f"{split}, got {len(taken):,}; {_advice(archive, split)}"
                )
            if not from_test:
                pictures = pictures[count:]
            for member in taken:
                name = PurePosixPath(member.filename).name
                yield Unpacked(member, PurePosixPath(split, folder, name))


def _numbered(archive: ZipFile, in_test: bool) -> dict[str, list[ZipInfo]]:
    """Return the pictures of each kind, by their numbers, inside or outside a folder `test`."""
    found: dict[str, list[tuple[int, ZipInfo]]] = {}
    for member in archive.infolist():
        *folders, name = PurePosixPath(member.filename).parts or ("",)
        if (matched := _NAME.fullmatch(name)) and ("test" in folders) == in_test:
            found.setdefault(matched[1].lower(), []).append((int(matched[2]), member))
    return {
        kind: [member for _, member in sorted(members, key=lambda pair: pair[0])]
        for kind, members in found.items()
    }


def _advice(archive: ZipFile, split: str) -> str:
    if any(PurePosixPath(name).name == "train.zip" for name in archive.namelist()):
        return "it holds train.zip: unpack it, and give that one"
    return f"give Kaggle's train.zip, or choose a smaller --{split}"
