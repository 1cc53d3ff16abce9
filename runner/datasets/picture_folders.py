"""Folders of PNG and JPEG files as arrays, with every file that is no whole picture named.

A picture is brought to its size by bilinear resampling, or by the nearest pixel, as Keras'
`flow_from_directory` does, whatever its proportions were; colors
become gray by their luminance, gray becomes RGB, and what is transparent is put on white. Pictures
of the classes alternate in the proportion of their numbers, each class in the order of its files'
names, so that the first n are a fair part of the whole and labels are those of their folders.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
from rich.console import Console

from runner.base.array_types import Images, Labels
from runner.base.errors import DataError
from runner.base.lazy import PIL
from runner.base.option_types import Interpolation
from runner.datasets.class_folders import NO_CLASS, File, list_class_files
from runner.datasets.decode_cache import Decoded, cached, store_decoded
from runner.datasets.picture_files import open_picture, put_on, refusing_bombs

_FORMATS = {".png": {"PNG"}, ".jpg": {"JPEG", "MPO"}, ".jpeg": {"JPEG", "MPO"}}
_DECODERS = ("PNG", "JPEG")
_WORKERS = 4  # each holds at most one picture
_LISTED = 10


def read_folder(
    folder: Path,
    classes: Sequence[str],
    shape: Sequence[int],
    skip_damaged: bool,
    trust: bool = True,
    *,
    interpolation: Interpolation = "bilinear",
) -> tuple[Images, Labels, str]:
    """Decode all pictures of a folder that has one folder for each class.

    Files that have been decoded before and have the same names, sizes and times are not decoded
    again, unless `trust` is false.

    Args:
        folder: holds one folder for each class and nothing else.
        classes: their names, in the order of the labels.
        shape: height, width, channels.
        skip_damaged: whether files that are no whole picture are left out and listed, or refused.
        trust: whether what was decoded before is taken.
        interpolation: between pixels, where pictures are of another size.

    Returns:
        uint8 [n, height, width, channels], int64 [n], and a hash of the content of these n files.

    Raises:
        DataError: there are other folders, a class has no pictures, or a file is no whole picture.
    """
    files = list_class_files(folder, classes)
    paths = [file.path for file in files]
    kept_as = [*shape, interpolation]
    decoded = cached(folder, paths, kept_as) if trust else None
    if decoded is None:
        decoded = _decode_all(folder, files, shape, interpolation)
        store_decoded(decoded, folder, paths, kept_as)
    _judge(folder, decoded.faults, len(files), skip_damaged)
    labels = np.array([file.label for file in files], np.int64)[decoded.whole]
    empty = [name for label, name in enumerate(classes) if label not in labels]
    if empty:
        raise DataError(f"{folder}: expected pictures of every class, got none in {empty[0]}")
    return decoded.images, labels, decoded.origin


def decode(path: Path, shape: Sequence[int], interpolation: Interpolation = "bilinear") -> Images:
    """Return one picture, uint8 [height, width, channels].

    Raises:
        Exception: whatever Pillow stumbled over; the file is no whole picture.
    """
    formats = _FORMATS.get(path.suffix.lower())
    if formats is None or not path.is_file():
        raise ValueError("no PNG or JPEG file")
    picture = open_picture(path, _DECODERS)
    if picture.format not in formats:
        raise ValueError(f"holds {picture.format}, which its name does not say")
    return stretch(put_on(picture, "white"), shape, interpolation)


def stretch(
    picture: PIL.Image.Image, shape: Sequence[int], interpolation: Interpolation = "bilinear"
) -> Images:
    """Bring an opaque picture to height, width and channels, whatever its proportions were."""
    converted = picture.convert("L" if shape[2] == 1 else "RGB")
    method = PIL.Image.Resampling[interpolation.upper()]
    resized = converted.resize((shape[1], shape[0]), method)
    return np.asarray(resized, np.uint8).reshape(shape)


def _decode_all(
    folder: Path, files: list[File], shape: Sequence[int], interpolation: Interpolation
) -> Decoded:
    images = np.zeros((len(files), *shape), np.uint8)
    faults, contents = [""] * len(files), [b""] * len(files)

    def decode_one(number: int) -> None:
        try:
            if files[number].label == NO_CLASS:
                raise ValueError("in the folder of no class")
            images[number] = decode(files[number].path, shape, interpolation)
            contents[number] = sha256(files[number].path.read_bytes()).digest()
        except Exception as error:  # noqa: BLE001 - a damaged file makes Pillow stumble anywhere
            reason = " ".join(str(error).split()) or type(error).__name__
            name = files[number].path.relative_to(folder).as_posix()
            faults[number] = f"{name} ({reason.replace(str(files[number].path), name)})"

    with refusing_bombs(), ThreadPoolExecutor(_WORKERS) as workers:
        list(workers.map(decode_one, range(len(files))))
    whole = np.array([not fault for fault in faults], bool)
    images = images if whole.all() else images[whole]
    origin = sha256(b"".join(contents)).hexdigest()
    return Decoded(images, whole, [fault for fault in faults if fault], origin)


def _judge(folder: Path, faults: list[str], files: int, skip_damaged: bool) -> None:
    """Tell of the files that are no whole pictures, or refuse them."""
    if not faults:
        return
    count = f"{folder}: {len(faults)} of {files} files are no whole PNG or JPEG pictures"
    if skip_damaged:
        say = Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print
        say(f"{count} and are left out:")
        for fault in faults:
            say(f"  {fault}")
        return
    more = f" and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
    raise DataError(
        f"{count}: {', '.join(faults[:_LISTED])}{more}; replace or remove them, or leave them out "
        "with dataset.source.skip_damaged=true"
    )
