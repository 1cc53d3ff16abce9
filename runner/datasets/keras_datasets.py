"""Image data sets of `keras.datasets`, stored as one npz in its layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from runner.base.errors import ConfigurationError, DataError
from runner.base.lazy import keras
from runner.base.suggestions import nearest
from runner.datasets.array_files import ArrayName, Sha256, array_files
from runner.datasets.source import ARRAYS, Source


def keras_dataset(
    *,
    name: Annotated[str, Field(pattern=r"^[a-z]\w*$")],
    digests: dict[ArrayName, Sha256] | None = None,
) -> Source:
    """Describe an image data set of Keras.

    Keras loads it once, from its own cache or the internet; what it gave is then a file like that
    of any other data set, `cifar10.npz` say, which may be copied to machines without internet.

    Args:
        name: of a module of `keras.datasets`: cifar10, cifar100, fashion_mnist, mnist.
        digests: SHA-256 of the decoded arrays.
    """

    def download(path: Path) -> None:
        arrays: dict[str, Any] = dict(zip(ARRAYS, _load(name), strict=True))
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    return replace(array_files(layouts=[[f"{name}.npz"]], digests=digests), download=download)


def _load(name: str) -> list[Any]:
    """Return x_train, y_train, x_test and y_test.

    Raises:
        ConfigurationError: Keras has no such data set.
        DataError: it cannot load it.
    """
    module: Any = getattr(keras.datasets, name, None)
    if not hasattr(module, "load_data"):
        names = [each for each in dir(keras.datasets) if not each.startswith("_")]
        raise ConfigurationError(
            f"dataset.source.name={name}: keras.datasets has no such data set"
            f"{nearest(name, names)} ({', '.join(names)})"
        )
    try:
        (x_train, y_train), (x_test, y_test) = module.load_data()
    except Exception as error:  # Keras has no class of its own for what it cannot download
        reason = " ".join(str(error).split())
        raise DataError(f"keras.datasets.{name} cannot be loaded: {reason}") from error
    arrays = [x_train, y_train, x_test, y_test]
    if any(array.dtype == object for array in arrays):
        raise DataError(f"keras.datasets.{name} holds no images")
    return arrays
