"""A substitute for Basic Shapes: circles, squares and triangles drawn by a program."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.lazy import PIL
from runner.base.option_types import Count, Seed
from runner.datasets.folders import Shape
from runner.datasets.source import Arrays, Source

if TYPE_CHECKING:
    Coordinates = NDArray[np.float64]

CORNERS = (0, 4, 3)
"""Of circles, squares and triangles, in the order of the labels."""

_SCALE = 4  # drawn so many times too large, for smooth lines
_ROUND = 48  # corners that make a circle
_PEN = 1 / 28  # of the height


def drawn_shapes(*, train_images: Count, test_images: Count, shape: Shape, seed: Seed) -> Source:
    """Describe outlines in black on white, as uneven as if drawn by hand, in turn of each class.

    Args:
        train_images: how many.
        test_images: how many.
        shape: height, width and channels.
        seed: of place, size, turn and unevenness.
    """

    return drawn_source(_draw, (train_images, test_images), shape, seed)


def drawn_source(
    draw: Callable[[int, list[int], Generator], tuple[Images, Labels]],
    counts: tuple[int, int],
    shape: list[int],
    seed: int,
) -> Source:
    """Describe pictures that a function draws, training images first.

    Args:
        draw: from a count, a shape and a generator to pictures and their labels.
        counts: of training and of test images.
        shape: height, width and channels.
        seed: of the generator.
    """

    def read(paths: list[Path], trust: bool) -> Arrays:
        del paths, trust
        generator = np.random.default_rng(seed)
        train, test = (draw(count, shape, generator) for count in counts)
        return Arrays(*train, *test)

    return Source([], read, test_split={"seed": seed, "train_images": counts[0]})


def _draw(count: int, shape: list[int], generator: Generator) -> tuple[Images, Labels]:
    labels = np.arange(count, dtype=np.int64) % len(CORNERS)
    images = [outline(CORNERS[label], shape, generator) for label in labels]
    return np.stack(images), labels


def outline(corners: int, shape: list[int], generator: Generator) -> Images:
    """Draw one shape; uint8 [height, width, channels]."""
    height, width, channels = shape
    size = np.array([width, height]) * _SCALE
    lengths, angles = _polygon(corners, generator) if corners else _circle(generator)
    radius = generator.uniform(0.2, 0.42)
    center = generator.uniform(radius, 1 - radius, 2)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = ((center + radius * lengths[:, np.newaxis] * directions) * size).ravel().tolist()
    picture = PIL.Image.new("L", tuple(size.tolist()), "white")
    pen = max(1, round(_PEN * min(size)))
    PIL.ImageDraw.Draw(picture).line(points + points[:4], "black", pen, joint="curve")
    small = picture.resize((width, height), PIL.Image.Resampling.BOX)
    return np.repeat(np.asarray(small, np.uint8)[..., np.newaxis], channels, axis=-1)


def _circle(generator: Generator) -> tuple[Coordinates, Coordinates]:
    """Return how far the corners of an uneven circle are from its center, and where; float [n]."""
    angles = np.linspace(0, math.tau, _ROUND, endpoint=False)
    lengths = np.full(_ROUND, 0.84)
    for bumps in (2, 3):
        phase = generator.uniform(0, math.tau)
        lengths += generator.uniform(0, 0.08) * np.cos(bumps * angles + phase)
    return lengths, angles


def _polygon(corners: int, generator: Generator) -> tuple[Coordinates, Coordinates]:
    """Return the same of an uneven regular polygon that stands on one side, more or less."""
    tilt = math.pi / 2 + math.pi / corners + generator.uniform(-0.3, 0.3)
    angles = tilt + math.tau * np.arange(corners) / corners
    return generator.uniform(0.8, 1, corners), angles + generator.uniform(-0.12, 0.12, corners)
