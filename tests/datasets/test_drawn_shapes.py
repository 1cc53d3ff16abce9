"""Shapes that the program draws: the same every time, closed, each class with its corners."""

from typing import Any

import numpy as np
import pytest

from runner.datasets import catalog
from runner.datasets.drawn_shapes import CORNERS


def drawn(shape: list[int], seed: int = 0) -> Any:
    source = catalog.configured("shapes-drawn").source
    options = source.options | {"shape": shape, "seed": seed}
    return source.function(**options).read([], True)


def test_drawn_shapes_are_the_same_every_time_and_others_with_another_seed() -> None:
    first, again, other = drawn([28, 28, 3]), drawn([28, 28, 3]), drawn([28, 28, 3], seed=1)
    np.testing.assert_array_equal(first.x_train, again.x_train)
    assert not np.array_equal(first.x_train, other.x_train)
    every = [image.tobytes() for image in (*first.x_train, *first.x_test)]
    assert len(set(every)) == 300
    assert np.bincount(first.y_train).tolist() == [80, 80, 80]


@pytest.mark.parametrize("shape", [[28, 28, 3], [64, 96, 1]])
def test_a_drawn_shape_is_a_closed_line_inside_its_picture(shape: list[int]) -> None:
    from scipy.ndimage import label as connected

    arrays = drawn(shape)
    assert arrays.x_test.shape == (60, *shape)
    for image in arrays.x_test[..., 0]:
        assert image[[0, -1]].min() > 0
        assert image.min() < 100
        white, regions = connected(image > 250)
        assert regions >= 2, "inside and outside are one"
        assert white[0, 0] != 0


def test_drawn_classes_have_their_corners() -> None:
    """A circle fills most of its hull's circle, a square less, a triangle least."""
    from scipy.ndimage import binary_fill_holes

    arrays = drawn([96, 96, 1])
    filled = []
    for label in range(len(CORNERS)):
        shares = []
        for image in arrays.x_train[arrays.y_train == label][..., 0]:
            inside = binary_fill_holes(image < 128)
            rows, columns = np.nonzero(inside)
            reach = np.hypot(rows - rows.mean(), columns - columns.mean()).max()
            shares.append(inside.sum() / (np.pi * reach**2))
        filled.append(np.mean(shares))
    assert filled[0] > filled[1] + 0.1 > filled[2] + 0.2
