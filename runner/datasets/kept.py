"""Decoded pictures, kept in the cache until a file of their folder changes."""

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import PIL
from numpy.typing import NDArray

from runner.cache import cache
from runner.datasets.splits import Images


@dataclass(frozen=True)
class Decoded:
    """What the files of a folder hold.

    Attributes:
        images: of those files that are whole pictures, uint8 [n, height, width, channels].
        whole: for each file whether it is, bool [files].
        faults: name and reason of each file that is no whole picture.
    """

    images: Images
    whole: NDArray[np.bool_]
    faults: list[str]


def kept(folder: Path, files: Sequence[Path], shape: Sequence[int]) -> Decoded | None:
    """Return what these files held when they were decoded, unless one has changed since."""
    try:
        with np.load(_place(folder, shape), allow_pickle=False) as archive:
            if str(archive["state"]) == _state(folder, files):
                return Decoded(archive["images"], archive["whole"], archive["faults"].tolist())
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None  # what is damaged or not there is decoded again
    return None


def keep(decoded: Decoded, folder: Path, files: Sequence[Path], shape: Sequence[int]) -> None:
    """Keep what files hold, in place of what was kept of the same folder in the same shape."""
    place = _place(folder, shape)
    arrays: dict[str, NDArray[np.generic]] = {
        "images": decoded.images,
        "whole": decoded.whole,
        "faults": np.array(decoded.faults, np.str_),
        "state": np.array(_state(folder, files)),
    }
    part = place.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):  # an unwritable home only costs the next run the decoding
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)


def _place(folder: Path, shape: Sequence[int]) -> Path:
    key = hashlib.sha256(json.dumps([str(folder.resolve()), list(shape)]).encode()).hexdigest()
    return cache() / "pictures" / f"{key}.npz"


def _state(folder: Path, files: Sequence[Path]) -> str:
    """Return a hash of names, sizes and times, and of what decodes them."""
    stats = [
        (path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns)
        for path in files
        for stat in [path.lstat() if path.is_symlink() and not path.exists() else path.stat()]
    ]
    decoder = Path(__file__).with_name("pictures.py").read_text(encoding="utf-8")
    content = [stats, decoder, PIL.__version__]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
