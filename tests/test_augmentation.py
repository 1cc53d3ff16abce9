"""What comes in from outside an image is its background, and black ones stay as they were."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from runner.augmentation import Augmentation
from runner.augmentation.geometry import affine, elastic, shift4

MOVES: dict[str, Callable[[], Augmentation]] = {
    "affine": lambda: affine(shift=6.0, rotation=40.0, zoom=0.3, shear=10.0),
    "elastic": lambda: elastic(strength=3.0),
    "shift4": shift4,
}


def moved(name: str, images: NDArray[np.float32]) -> NDArray[np.float32]:
    version, seed = tf.range(len(images)) % 5, tf.constant([3, 4])
    changed, _ = MOVES[name]().apply(tf.constant(images), tf.zeros(len(images)), version, seed)
    return np.asarray(changed)


def drawing(paper: Any, ink: float) -> NDArray[np.float32]:
    """Ten images of a square that touches the left edge."""
    images = np.full((10, 20, 24, 3), paper, np.float32)
    images[:, 6:14, 0:12] = ink
    return images


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("paper", [255, 90, (200, 150, 100)], ids=str)
def test_paper_goes_on_outside(name: str, paper: Any) -> None:
    """Subtracting and adding the background rounds to about 1e-5 of it."""
    blank = np.full((10, 20, 24, 3), paper, np.float32)
    np.testing.assert_allclose(moved(name, blank), blank, atol=1e-3)


@pytest.mark.parametrize("name", MOVES)
def test_what_the_edge_cuts_is_not_drawn_out(name: str) -> None:
    """Black images with something at an edge: outside it is black, not the nearest pixel."""
    shown, before = moved(name, drawing(0, 255)), drawing(0, 255)
    assert (shown.min(), shown.max()) == (0, pytest.approx(255))
    if name == "shift4":
        mass = shown.sum(axis=(1, 2, 3)) / before.sum(axis=(1, 2, 3))
        np.testing.assert_allclose(mass[:5], [1, 1, 1, 1, 11 / 12])  # the last goes west
    else:
        assert (shown[:, 3:-3, 0].max(axis=(1, 2)) < 250).any()


def test_a_negative_is_moved_like_its_image() -> None:
    """White on black and black on white are the same drawing."""
    for name in MOVES:
        image, negative = drawing(0, 255), drawing(255, 0)
        np.testing.assert_allclose(255 - moved(name, negative), moved(name, image), atol=1e-3)
