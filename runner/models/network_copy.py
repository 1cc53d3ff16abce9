"""A copy of a saved network without its optimizer, made without Keras."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from runner.base.hdf5_probe import WEIGHTS
from runner.base.lazy import h5py
from runner.models.network_digest import OPTIMIZER, naming_damage

_CONFIG = "config.json"


def without_optimizer(network: Path) -> bytes:
    """Return the content of a `.keras` file without its optimizer, as if saved uncompiled.

    Keras would have to be imported, and would draw random numbers where it builds the layers.

    Raises:
        DataError: it is no such file.
    """
    copied = BytesIO()
    with naming_damage(network), ZipFile(network) as archive, ZipFile(copied, "w") as copy:
        for member in archive.infolist():
            content = archive.read(member)
            if member.filename == _CONFIG:
                content = json.dumps(json.loads(content) | {"compile_config": {}}).encode()
            elif member.filename == WEIGHTS:
                content = _without_optimizer(content)
            copy.writestr(member, content)
    return copied.getvalue()


def _without_optimizer(weights: bytes) -> bytes:
    copied = BytesIO()
    with h5py.File(BytesIO(weights)) as stored, h5py.File(copied, "w") as copy:
        for name in stored.keys() - {OPTIMIZER}:
            stored.copy(name, copy)
    return copied.getvalue()
