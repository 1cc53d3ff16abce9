"""Toy data sets of two features and two classes, drawn by the program: what a layer can tell apart.

Features are in -1..1, more or less, and classes come in turn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.option_types import Count, NonNegative, Seed
from runner.datasets.drawn_shapes import drawn_source
from runner.datasets.source import Source

Points = NDArray[np.float64]
Place = Callable[[Labels, Generator], Points]

_RADIUS, _GAP = 0.5, 0.1
_TURNS, _MOON = 1.5, 1.5
_CLASSES = 2


def circle(*, train_images: Count, test_images: Count, noise: NonNegative, seed: Seed) -> Source:
    """Describe a disk in a ring: one class is around the other.

    Args:
        train_images: rows to train on.
        test_images: rows to test on.
        noise: standard deviation that each feature is moved by.
        seed: of the places.
    """

    def place(labels: Labels, generator: Generator) -> Points:
        inner = generator.uniform(0, _RADIUS - _GAP, len(labels))
        outer = generator.uniform(_RADIUS + _GAP, 1, len(labels))
        angles = generator.uniform(0, 2 * np.pi, len(labels))
        return _polar(np.where(labels == 0, inner, outer), angles)

    return _drawn(place, (train_images, test_images), noise, seed)


def xor(*, train_images: Count, test_images: Count, noise: NonNegative, seed: Seed) -> Source:
    """Describe four quadrants: label 1 is where the features differ in their sign.

    Args:
        train_images: rows to train on.
        test_images: rows to test on.
        noise: standard deviation that each feature is moved by.
        seed: of the places.
    """

    def place(labels: Labels, generator: Generator) -> Points:
        sizes = generator.uniform(_GAP, 1, (len(labels), 2))
        sign = generator.choice([-1, 1], len(labels))
        signs = np.stack([sign, np.where(labels == 1, -sign, sign)], axis=1)
        return np.asarray(sizes * signs, np.float64)

    return _drawn(place, (train_images, test_images), noise, seed)


def spiral(*, train_images: Count, test_images: Count, noise: NonNegative, seed: Seed) -> Source:
    """Describe two arms of a spiral, each of one and a half turns.

    Args:
        train_images: rows to train on.
        test_images: rows to test on.
        noise: standard deviation that each feature is moved by.
        seed: of the places.
    """

    def place(labels: Labels, generator: Generator) -> Points:
        way = generator.uniform(0.05, 1, len(labels))
        return _polar(way, 2 * np.pi * _TURNS * way + np.pi * labels)

    return _drawn(place, (train_images, test_images), noise, seed)


def moons(*, train_images: Count, test_images: Count, noise: NonNegative, seed: Seed) -> Source:
    """Describe two half circles, each with an end inside the other.

    Args:
        train_images: rows to train on.
        test_images: rows to test on.
        noise: standard deviation that each feature is moved by.
        seed: of the places.
    """

    def place(labels: Labels, generator: Generator) -> Points:
        angles = generator.uniform(0, np.pi, len(labels))
        upper = np.stack([np.cos(angles) - 0.5, np.sin(angles) - 0.25], axis=1)
        return np.where(labels[:, np.newaxis] == 0, upper, -upper) / _MOON

    return _drawn(place, (train_images, test_images), noise, seed)


def _drawn(place: Place, counts: tuple[int, int], noise: float, seed: int) -> Source:
    def draw(count: int, shape: list[int], generator: Generator) -> tuple[Images, Labels]:
        del shape
        labels = np.arange(count, dtype=np.int64) % _CLASSES
        points = place(labels, generator) + generator.normal(0, noise, (count, 2))
        return points.astype(np.float32), labels

    return drawn_source(draw, counts, [2], seed)


def _polar(radii: Points, angles: Points) -> Points:
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.asarray(radii[:, np.newaxis] * directions, np.float64)
