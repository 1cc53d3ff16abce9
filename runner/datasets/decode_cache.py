"""The cache of decoded pictures, valid until a file of their folder changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.cache import cache_folder, load_arrays, store_arrays
from runner.base.lazy import PIL

_HERE, _DECODERS = Path(__file__).parent, ("picture_folders.py", "picture_files.py")


@dataclass(frozen=True)
class Decoded:
    """What the files of a folder hold.

    Attributes:
        images: of those files that are whole pictures, uint8 [n, height, width, channels].
        whole: for each file whether it is, bool [files].
        faults: name and reason of each file that is no whole picture.
        origin: hash of the content of the others, in their order.
    """

    images: Images
    whole: NDArray[np.bool_]
    faults: list[str]
    origin: str


def cached(folder: Path, files: Sequence[Path], kept_as: Sequence[int | str]) -> Decoded | None:
    """Return what these files held when they were decoded, unless one has changed since."""
    arrays = load_arrays(_path(folder, kept_as))
    if arrays is None or str(arrays.get("state")) != _state(folder, files):
        return None
    faults, origin = arrays["faults"].tolist(), str(arrays["origin"])
    return Decoded(arrays["images"], arrays["whole"], faults, origin)


def store_decoded(
    decoded: Decoded, folder: Path, files: Sequence[Path], kept_as: Sequence[int | str]
) -> None:
    """Cache what files hold, instead of what was cached of the same folder in the same way."""
    store_arrays(
        _path(folder, kept_as),
        images=decoded.images,
        whole=decoded.whole,
        faults=np.array(decoded.faults, np.str_),
        origin=np.array(decoded.origin),
        state=np.array(_state(folder, files)),
    )


def _path(folder: Path, kept_as: Sequence[int | str]) -> Path:
    key = hashlib.sha256(json.dumps([str(folder.resolve()), list(kept_as)]).encode()).hexdigest()
    return cache_folder() / "pictures" / f"{key}.npz"


def _state(folder: Path, files: Sequence[Path]) -> str:
    """Return a hash of names, sizes and times, and of what decodes them."""
    stats = [
        (path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns)
        for path in files
        for stat in [path.lstat() if path.is_symlink() and not path.exists() else path.stat()]
    ]
    decoders = [(_HERE / name).read_text(encoding="utf-8") for name in _DECODERS]
    content = [stats, decoders, PIL.__version__]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
