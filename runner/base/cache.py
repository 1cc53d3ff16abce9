"""The cache folder, and arrays stored in it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.atomic_files import replacing
from runner.base.errors import DAMAGE


def _name_home() -> None:
    """Give a user of whom the system knows no home the one that users of services have.

    No folder can be made in it, so nothing is kept there. Without a home Keras makes a folder `~`
    where it is called, and MLflow cannot be imported.
    """
    try:
        Path.home()
    except RuntimeError:  # neither HOME nor a name, as in `docker run -u 12345`
        os.environ["HOME"] = os.devnull


_name_home()  # before any of these libraries is imported; worker processes inherit it


def cache_folder() -> Path:
    """Return the folder of files that are reused between runs, in XDG_CACHE_HOME or ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "runner"


def load_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """Return the arrays of a file of `store_arrays`; None where it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)  # reads all, and with it zip's checksums
        with suppress(OSError):
            os.utime(path)  # see `limit_size`; for file systems that note no reads
        return arrays
    except DAMAGE:
        return None


def store_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Store arrays by name in an npz file, atomically; a failure to write is ignored."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as part:
            np.savez(part, allow_pickle=False, **arrays)


def limit_size(folder: Path, gigabytes: float) -> None:
    """Remove the least recently used files of a folder until `gigabytes` (10^9 B) remain.

    A file is used when it is written or read. Most file systems note the first read and then one a
    day (relatime); where they note none (noatime), files go in the order they were written in,
    those of `store_arrays` in the order they were read in.
    """
    with suppress(OSError):  # another process may remove the same
        files = [(path.stat(), path) for path in folder.iterdir()]
        files.sort(key=lambda file: max(file[0].st_atime_ns, file[0].st_mtime_ns), reverse=True)
        total = 0
        for stat, path in files:
            total += stat.st_size
            if total > gigabytes * 1e9:
                path.unlink()
