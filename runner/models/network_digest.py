"""The digest of a network: a hash of its weights and the state of its optimizer."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from runner.base.errors import DAMAGE, DataError
from runner.base.lazy import h5py


def network_digest(path: Path) -> str:
    """Return the SHA-256 of weights, optimizer state and the optimizer's kind.

    Args:
        path: a `.keras` file, or an `.h5` file as Keras 2 wrote it.

    Raises:
        DataError: it is no such file.
    """
    return _digest(path, path.stat().st_mtime_ns)


@cache
def _digest(path: Path, changed: int) -> str:
    del changed  # another hash where the file is another one
    try:
        if path.suffix != ".keras":
            return _of_arrays(path.open("rb"), "")
        with ZipFile(path) as archive:
            weights = BytesIO(archive.read("model.weights.h5"))
            return _of_arrays(weights, _optimizer(archive))
    except (*DAMAGE, AttributeError, TypeError) as error:
        raise DataError(f"{path}: it is damaged, or no network that Keras has saved") from error


def _optimizer(archive: ZipFile) -> str:
    """Return the class of the optimizer that a network was saved with, or nothing."""
    compiled = json.loads(archive.read("config.json")).get("compile_config") or {}
    return str((compiled.get("optimizer") or {}).get("class_name", ""))


def _of_arrays(file: IO[bytes], kind: str) -> str:
    found = hashlib.sha256(kind.encode())

    def add(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            values = item[()]
            found.update(f"{name} {values.dtype} {values.shape}\n".encode() + values.tobytes())

    with file, h5py.File(file) as arrays:
        arrays.visititems(add)
    return found.hexdigest()
