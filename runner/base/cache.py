"""Where the program keeps what it need not do twice."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray


def cache_folder() -> Path:
    """Return the directory of what the program keeps between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "runner"


def load_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """Return the arrays that `store` put into a file; None where it is damaged or not there."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)  # reads all, and with it zip's checksums
        with suppress(OSError):
            os.utime(path)  # see `keep_under`
        return arrays
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def store_arrays(path: Path, **arrays: NDArray[Any]) -> None:
    """Put arrays into a file, whole or not at all; where that fails, only time is lost."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def limit_size(folder: Path, gigabytes: float) -> None:
    """Remove from a folder what was not read for longest, until so much (10^9 bytes) is left."""
    with suppress(OSError):  # another process may remove the same
        found = [(path.stat().st_mtime_ns, path.stat().st_size, path) for path in folder.iterdir()]
        taken = 0
        for _, size, path in sorted(found, reverse=True):
            taken += size
            if taken > gigabytes * 1e9:
                path.unlink()
