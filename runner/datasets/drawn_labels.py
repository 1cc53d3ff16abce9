"""Pictures that hold any of a circle, a square and a triangle, for several labels at once."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from runner.base.array_types import Images, Labels
from runner.base.option_types import Count, Seed
from runner.datasets.drawn_shapes import CORNERS, drawn_source, outline
from runner.datasets.folders import Shape
from runner.datasets.source import Source

_CELLS = 2
"""A picture has so many cells in each direction; no two shapes share one."""


def drawn_labels(*, train_images: Count, test_images: Count, shape: Shape, seed: Seed) -> Source:
    """Describe outlines in black on white: each shape is there or not, by the toss of a coin.

    Labels are int64 [n, 3], 1 where the picture has a circle, a square, a triangle. Shapes do not
    touch, so that each label has a cause of its own; some pictures are empty.

    Args:
        train_images: how many.
        test_images: how many.
        shape: height, width and channels.
        seed: of which shapes there are, of place, size, turn and unevenness.
    """
    return drawn_source(_draw, (train_images, test_images), shape, seed)


def _draw(count: int, shape: list[int], generator: Generator) -> tuple[Images, Labels]:
    labels = generator.integers(0, 2, (count, len(CORNERS)), np.int64)
    return np.stack([_picture(row, shape, generator) for row in labels]), labels


def _picture(present: Labels, shape: list[int], generator: Generator) -> Images:
    """Draw the shapes that are present, each in a cell of its own."""
    height, width, channels = shape
    sides = height // _CELLS, width // _CELLS
    picture = np.full(shape, 255, np.uint8)
    cells = generator.permutation(_CELLS**2)
    for label, cell in zip(np.flatnonzero(present), cells, strict=False):
        top, left = (int(n) * side for n, side in zip(divmod(cell, _CELLS), sides, strict=True))
        drawn = outline(CORNERS[label], [*sides, channels], generator)
        picture[top : top + sides[0], left : left + sides[1]] = drawn
    return picture
