"""The digest of a network: a hash of its weights and the state of its optimizer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from runner.base.errors import DAMAGE, DataError
from runner.base.hdf5_probe import WEIGHTS, check_hdf5
from runner.base.lazy import h5py
from runner.base.stored_files import check_digest

OPTIMIZER = "optimizer"
"""Group of its state among the weights."""
OPTIMIZER_OF_HDF5 = "optimizer_weights"
"""The same in an `.h5` file."""


def network_digest(path: Path) -> str:
    """Return the SHA-256 of weights, optimizer state and the optimizer's kind.

    Args:
        path: a `.keras` file, or an `.h5` file as Keras 2 wrote it.

    Raises:
        DataError: it is no such file, or another one than its run has stored.
    """
    if not check_digest(path):
        check_hdf5(path)
    return _digest(path, path.stat().st_mtime_ns)


def weights_digest(path: Path) -> str:
    """Return the SHA-256 of a file's weights alone, which another saving in its form keeps.

    Raises:
        DataError: it is no such file.
    """
    if not check_digest(path):
        check_hdf5(path)
    with naming_damage(path):
        if path.suffix != ".keras":
            return _of_arrays(path.open("rb"), "", without=OPTIMIZER_OF_HDF5)
        with ZipFile(path) as archive:
            return _of_arrays(BytesIO(archive.read(WEIGHTS)), "", without=OPTIMIZER)


def predictor_digest(path: Path) -> str:
    """Return the SHA-256 of what a file's network gives for an input: of its layers and weights.

    Raises:
        DataError: it is no such file.
    """
    weights = weights_digest(path)
    with naming_damage(path):
        config = _architecture(path)["config"]
        layers = _comparable(config, {name: n for n, name in enumerate(_layer_names(config))})
    content = [weights, layers]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def _digest(path: Path, changed: int) -> str:
    del changed  # another hash where the file is another one
    with naming_damage(path):
        if path.suffix != ".keras":
            return _of_arrays(path.open("rb"), "")
        with ZipFile(path) as archive:
            return _of_arrays(BytesIO(archive.read(WEIGHTS)), _optimizer(archive))


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Raise DataError, which names the file, where it is no network that Keras has saved."""
    try:
        yield
    except (*DAMAGE, AttributeError, TypeError) as error:
        raise DataError(f"{path}: it is damaged, or no network that Keras has saved") from error


def _optimizer(archive: ZipFile) -> str:
    """Return the class of the optimizer that a network was saved with, or nothing."""
    compiled = json.loads(archive.read("config.json")).get("compile_config") or {}
    return str((compiled.get("optimizer") or {}).get("class_name", ""))


def _architecture(path: Path) -> dict[str, Any]:
    """Return what a file says of its network, with its configuration."""
    if path.suffix == ".keras":
        with ZipFile(path) as archive:
            found = json.loads(archive.read("config.json"))
    else:
        with h5py.File(path) as file:
            found = json.loads(file.attrs["model_config"])
    return dict(found)


def _layer_names(config: dict[str, Any]) -> Iterator[str]:
    """Yield the names of a network and its layers, those of networks among them too."""
    yield config["name"]
    for layer in config.get("layers", []):
        yield from _layer_names(layer["config"])


def _comparable(part: Any, numbers: dict[str, int]) -> Any:
    """Return a part of a configuration without what differs where the same is built again.

    Args:
        part: of it.
        numbers: that stand for names of layers, which Keras counts through a process.
    """
    if isinstance(part, dict):
        kept = part.keys() - {"shared_object_id"}  # an address in memory
        return {key: _comparable(part[key], numbers) for key in kept}
    if isinstance(part, list):
        return [_comparable(each, numbers) for each in part]
    return numbers.get(part, part) if isinstance(part, str) else part


def _of_arrays(file: IO[bytes], kind: str, without: str | None = None) -> str:
    found = hashlib.sha256(kind.encode())

    def add(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and name.partition("/")[0] != without:
            values = item[()]
            found.update(f"{name} {values.dtype} {values.shape}\n".encode() + values.tobytes())

    with file, h5py.File(file) as arrays:
        arrays.visititems(add)
    return found.hexdigest()
