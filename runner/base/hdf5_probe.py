"""The trial reading of an HDF5 file in a process of its own: a damaged one can crash HDF5, in C."""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
import time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import psutil

from runner.base.errors import DataError
from runner.base.lazy import h5py

_SECONDS = 120
_CPU_SECONDS, _BYTES_A_SECOND = 5, 100_000_000
WEIGHTS = "model.weights.h5"
"""Member of a `.keras` file."""


def check_hdf5(path: Path) -> None:
    """Read an `.h5` or `.keras` file elsewhere, before it is read here, in 0.2 s.

    Errors that can be caught are left to whoever reads it then.

    Raises:
        DataError: HDF5 crashes on it, or comes to no end.
    """
    if path.is_file():
        _check(path.resolve(), path.stat().st_mtime_ns)


@cache
def _check(path: Path, changed: int) -> None:
    del changed  # another answer where the file is another one
    here = str(Path(__file__).parents[2])
    folders = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        code = subprocess.run(  # noqa: S603 - of this program
            [sys.executable, "-P", "-m", __name__, str(path)],
            env=os.environ | {"PYTHONPATH": folders},
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        ).returncode
    except subprocess.TimeoutExpired:
        code = -signal.SIGXCPU
    if code == -signal.SIGXCPU:
        raise DataError(f"{path}: is damaged, HDF5 comes to no end reading it; get it again")
    if code < 0:
        name = signal.Signals(-code).name
        raise DataError(f"{path}: is damaged, HDF5 crashes reading it ({name}); get it again")


def _read_all(path: Path) -> None:
    """Read everything that is in a file, as far as time and the memory go that is free."""
    free = psutil.virtual_memory().available
    open_file = h5py.File  # imported here, for that can take longer than a file may
    allowed = _CPU_SECONDS + path.stat().st_size // _BYTES_A_SECOND
    seconds = math.ceil(time.process_time()) + allowed
    resource.setrlimit(resource.RLIMIT_DATA, (free, free))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source: Any = path
    if is_zipfile(path):
        with ZipFile(path) as archive:
            source = BytesIO(archive.read(WEIGHTS))
    with open_file(source) as file:
        _read_item("", file)
        file.visititems(_read_item)


def _read_item(name: str, item: Any) -> None:
    del name
    _ = [item.attrs[key] for key in item.attrs]
    if isinstance(item, h5py.Dataset):
        _ = item[()]


if __name__ == "__main__":
    _read_all(Path(sys.argv[1]))
