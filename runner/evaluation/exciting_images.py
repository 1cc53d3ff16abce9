"""The images of a set that excite a unit of a layer most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras, tf
from runner.models.graph import LayerName, layer_of
from runner.models.layer_outputs import before_activation
from runner.training.inference import batch_size

_MAPS = 4


@dataclass(frozen=True)
class ExcitingImages:
    """The images that excite each of some units most, the strongest first.

    Attributes:
        indices: of the images, int64 [units, count].
        responses: of the units to them, before the activation function, float32 [units, count].
        positions: row and column of the strongest response in the map of a convolution, int64
            [units, count, 2]; None where units have no maps.
    """

    indices: NDArray[np.int64]
    responses: NDArray[np.float32]
    positions: NDArray[np.int64] | None


def exciting_images(
    network: keras.Model, layer: LayerName, images: Images, units: Sequence[int], count: int
) -> ExcitingImages:
    """Find the images to which units of a layer respond most; of a map its largest value counts.

    Args:
        network: takes raw pixels.
        layer: name or number of a layer.
        images: to be searched, [n, height, width, channels].
        units: their numbers: of neurons, or of the maps of a convolution.
        count: of images for each unit; no more than there are.

    Raises:
        ConfigurationError: there is no such layer, or no such unit in it.
    """
    target = before_activation(network, layer_of(network, layer))
    if beyond := [unit for unit in units if not 0 <= unit < target.shape[-1]]:
        last = target.shape[-1] - 1
        raise ConfigurationError(
            f"unit {beyond[0]}: expected a number from 0 to {last}, since layer {layer} has no more"
        )
    responses, places = _responses(network, target, images, list(units))
    order = np.argsort(-responses, axis=0, kind="stable")[:count]
    best = np.take_along_axis(responses, order, axis=0).T
    if len(target.shape) != _MAPS:
        return ExcitingImages(order.T, best, None)
    found = np.take_along_axis(places, order, axis=0).T
    positions = np.stack(np.divmod(found, target.shape[2]), axis=-1)
    return ExcitingImages(order.T, best, positions)


def causes(
    network: keras.Model,
    layer: LayerName,
    images: Images,
    units: Sequence[int],
    positions: NDArray[np.int64],
) -> list[tuple[slice, slice]]:
    """Return rows and columns of the pixels that one value of a map of each image depends on.

    Args:
        network: takes raw pixels.
        layer: name or number of a layer with maps.
        images: a few, [n, height, width, channels].
        units: number of the map, for each image.
        positions: row and column in it, int64 [n, 2].
    """
    target = before_activation(network, layer_of(network, layer))
    inner = keras.Model(network.inputs, target)
    pixels = tf.constant(images, tf.float32)
    places = np.column_stack([np.arange(len(images)), positions, np.asarray(units)])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        total = tf.reduce_sum(tf.gather_nd(inner(pixels, training=False), places))
    found = map(np.nonzero, np.asarray(tape.gradient(total, pixels)))
    return [(_extent(rows), _extent(columns)) for rows, columns, _ in found]


def _responses(
    network: keras.Model, target: object, images: Images, units: list[int]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the response of each unit to each image and where in its map, each [n, units]."""
    inner = keras.Model(network.inputs, target)
    found, size = [], batch_size(images)
    for start in range(0, len(images), size):
        values = inner(tf.constant(images[start : start + size], tf.float32), training=False)
        chosen = np.asarray(tf.gather(tf.cast(values, tf.float32), units, axis=-1))
        flat = chosen.reshape(len(chosen), -1, len(units))
        found.append((flat.max(axis=1), flat.argmax(axis=1)))
    responses, places = zip(*found, strict=True)
    return np.concatenate(responses), np.concatenate(places)


def _extent(places: NDArray[np.int64]) -> slice:
    return slice(int(places.min()), int(places.max()) + 1) if len(places) else slice(0, 0)
