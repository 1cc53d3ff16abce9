"""The cache of features: outputs of the frozen part of a network, shared between runs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.cache import cache_folder, limit_size, load_arrays, store_arrays
from runner.base.device import Device
from runner.base.lazy import keras
from runner.datasets.splits import TrainSplit
from runner.training.inference import outputs

Say = Callable[..., None]
_PACKAGES = ("tensorflow", "keras", "numpy")
_MOST_CACHED = 4.0
"""Gigabytes; 60 000 images have 0.4 of InceptionResNetV2's features."""


def silently(text: str, end: str = "\n") -> None:
    """Tell nobody."""
    del text, end


class FeatureCache:
    """The features of images, as the frozen part of a network gives them.

    Args:
        frozen: from images to features; see `runner.models.frozen`.
        splits: the images.
        device: to compute them on.
        say: tells people what is done, as `print` would.
    """

    def __init__(
        self, frozen: keras.Model, splits: Iterable[TrainSplit], device: Device, say: Say
    ) -> None:
        self._frozen, self._splits, self._device, self._say = frozen, list(splits), device, say
        self._known = [_digest([split.images]) for split in self._splits]
        self._setting = [device.name, _architecture(frozen), *map(version, _PACKAGES)]
        self._weights = ""

    @property
    def blank(self) -> list[TrainSplit]:
        """Splits of the same shape, for what has to know it before there are weights."""
        shape = self._frozen.output_shape[1:]
        return [
            TrainSplit(np.zeros((len(split), *shape), np.float32), split.labels)
            for split in self._splits
        ]

    def current(self) -> list[Images] | None:
        """Return the features of each split, float32 [n, ...]; None if they are those of before."""
        weights = _digest([variable.numpy() for variable in self._frozen.variables])
        if weights == self._weights:
            return None
        self._weights = weights
        started = time.perf_counter()
        images = sum(map(len, self._splits))
        self._say(f"features  what the frozen layers give for {images:,} images: ", end="")
        cached = [self._cached(number) for number in range(len(self._splits))]
        found = [self._computed(n) if one is None else one for n, one in enumerate(cached)]
        how = "computed" if any(one is None for one in cached) else "found in the cache"
        self._say(f"{how} in {time.perf_counter() - started:.2f} s")
        return found

    def _cached(self, number: int) -> Images | None:
        features = (load_arrays(self._path(number)) or {}).get("features")
        shape = (len(self._splits[number]), *self._frozen.output_shape[1:])
        if features is None or features.shape != shape or features.dtype != np.float32:
            return None
        return features

    def _computed(self, number: int) -> Images:
        features = outputs(self._frozen, self._splits[number].images, self._device.is_gpu)
        path = self._path(number)
        store_arrays(path, features=features)
        limit_size(path.parent, _MOST_CACHED)
        return features

    def _path(self, number: int) -> Path:
        key = json.dumps([self._known[number], self._weights, *self._setting])
        return cache_folder() / "features" / f"{hashlib.sha256(key.encode()).hexdigest()}.npz"


def _digest(arrays: Iterable[NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _architecture(model: keras.Model) -> str:
    """Return a digest of layers and options, whatever names they got from Keras' counters."""
    config = json.loads(model.to_json())
    numbers: dict[str, str] = {}

    def find(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("name"), str):
                numbers.setdefault(node["name"], f"name {len(numbers)}")
            node = list(node.values())
        for inner in node if isinstance(node, list) else []:
            find(inner)

    def renamed(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: renamed(value) for key, value in node.items()}
        if isinstance(node, list):
            return [renamed(value) for value in node]
        return numbers.get(node, node) if isinstance(node, str) else node

    find(config)
    return hashlib.sha256(json.dumps(renamed(config), sort_keys=True).encode()).hexdigest()
