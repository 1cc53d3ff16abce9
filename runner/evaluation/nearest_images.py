"""The training images that are most like others, as the network sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras, sklearn
from runner.models.graph import penultimate
from runner.training.inference import outputs

Features = NDArray[np.float32]


def image_features(network: keras.Model, images: Images, xla: bool = False) -> Features:
    """Return what the last layer of a network decides on, float32 [n, features].

    Args:
        network: takes raw pixels.
        images: [n, height, width, channels], or [n, columns] of a table.
        xla: whether XLA compiles it, as on a GPU.
    """
    inner = keras.Model(network.inputs, penultimate(network))
    return outputs(inner, images, xla).reshape(len(images), -1)


def nearest_images(features_train: Features, features: Features, count: int) -> NDArray[np.int64]:
    """Return the indices of the nearest training images, nearest first, int64 [n, count].

    Distances are Euclidean, of all pairs.

    Args:
        features_train: of the training images, [m, features].
        features: of others, [n, features].
        count: of nearest images; no more than there are.
    """
    count = min(count, len(features_train))
    search = sklearn.neighbors.NearestNeighbors(n_neighbors=count, algorithm="brute")
    search.fit(features_train)
    return np.asarray(search.kneighbors(features, return_distance=False), np.int64)
