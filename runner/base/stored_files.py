"""Reading of files that a run has stored, with errors that name the file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]

from runner.base.errors import DataError

_DAMAGE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RecursionError, MemoryError),
    *(BadZipFile, zlib.error, NotImplementedError, YAMLError, OmegaConfBaseException),
)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Name a stored file in the error where it cannot be read.

    Raises:
        DataError: the file is damaged.
    """
    try:
        yield
    except _DAMAGE as error:
        reason = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
        raise DataError(
            f"{path}: is damaged, restore it or repeat the run that wrote it: {reason}"
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a stored JSON file.

    Raises:
        DataError: the file is damaged.
    """
    with reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"expected an object, got {type(content).__name__}")
    return content


_LONGEST = 200
