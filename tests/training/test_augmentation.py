"""What comes in from outside an image is its background, and black ones stay as they were."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from runner.config.component import Component
from runner.training.augmentation import Augmentation, chain_augmentations, of_images
from runner.training.augmentation.content import cutout, erasing
from runner.training.augmentation.geometry import affine, crop, elastic, flip, shift4
from runner.training.steps import Steps

MOVES: dict[str, Callable[[], Augmentation]] = {
    "affine": lambda: affine(shift=6.0, rotation=40.0, zoom=0.3, shear=10.0),
    "elastic": lambda: elastic(strength=3.0, smoothness=4.0),
    "shift4": shift4,
    "crop": lambda: crop(padding=4),
}


def moved(name: str, images: NDArray[np.float32]) -> NDArray[np.float32]:
    version, seed = tf.range(len(images)) % 5, tf.constant([[3, 4]])
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


def applied(one: Augmentation, images: NDArray[np.float32]) -> NDArray[np.float32]:
    none = tf.zeros(len(images), tf.int32)
    return np.asarray(one.apply(tf.constant(images), none, none, tf.constant([[3, 4]]))[0])


def test_erasing_blanks_a_rectangle_of_a_share_of_the_images() -> None:
    """Height and width of 0.2 to 0.5 of the image, unless its edges cut the rectangle off."""
    images = np.full((2_000, 20, 40, 3), 200, np.float32)
    blank = applied(erasing(probability=0.3, smallest=0.2, largest=0.5), images) == 0
    np.testing.assert_array_equal(blank.all(axis=3), blank.any(axis=3))
    hit = blank[..., 0][blank.any(axis=(1, 2, 3))]
    assert 0.27 < len(hit) / len(images) < 0.33
    rows, columns = hit.any(axis=2), hit.any(axis=1)
    np.testing.assert_array_equal(hit, rows[:, :, None] & columns[:, None, :])
    for lines, side in ((rows, 20), (columns, 40)):
        inside = lines[~lines[:, 0] & ~lines[:, -1]]
        assert (np.abs(np.diff(inside.astype(int))).sum(axis=1) == 2).all()  # in one piece
        lengths = inside.sum(axis=1) / side
        assert 0.2 - 1 / side <= lengths.min() < 0.25
        assert 0.45 < lengths.max() <= 0.5 + 1 / side


def test_what_is_not_erased_is_left_as_it_is() -> None:
    images = np.random.default_rng(0).uniform(1, 255, (50, 20, 24, 1)).astype(np.float32)
    erased = applied(erasing(probability=1.0, smallest=0.1, largest=0.4), images)
    assert (erased == 0).any(axis=(1, 2, 3)).all()
    np.testing.assert_array_equal(erased[erased != 0], images[erased != 0])


def test_flip_mirrors_about_half_of_the_images_exactly() -> None:
    images = np.random.default_rng(0).uniform(0, 255, (2_000, 6, 7, 3)).astype(np.float32)
    flipped = applied(flip(probability=0.5), images)
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2, 3))
    same = (flipped == images).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(mirrored, ~same)
    assert 0.45 < mirrored.mean() < 0.55
    assert (applied(flip(probability=1.0), images) == images[:, :, ::-1]).all()


def test_crop_moves_by_whole_pixels_up_to_the_border() -> None:
    images = np.zeros((3_000, 11, 12, 1), np.float32)
    images[:, 5, 6] = 200
    moved_by = np.argwhere(applied(crop(padding=3), images)[..., 0] == 200)
    assert len(moved_by) == len(images)
    places, counts = np.unique(moved_by[:, 1:] - [5, 6], axis=0, return_counts=True)
    every = [(down, right) for down in range(-3, 4) for right in range(-3, 4)]
    np.testing.assert_array_equal(places, every)
    assert counts.min() > len(images) / 49 / 2


def test_cutout_hides_a_square_that_the_border_may_cut() -> None:
    images = np.full((4_000, 12, 16, 1), 200, np.float32)
    hidden = applied(cutout(size=5, fill=7), images)[..., 0] == 7
    rows, columns = hidden.any(axis=2), hidden.any(axis=1)
    np.testing.assert_array_equal(hidden, rows[:, :, None] & columns[:, None, :])
    for lines, side in ((rows, 12), (columns, 16)):
        lengths, inside = lines.sum(axis=1), ~lines[:, 0] & ~lines[:, -1]
        assert set(lengths[inside]) == {5}
        assert set(lengths) == {3, 4, 5}  # its center is in the image
        centers = np.argmax(lines, axis=1) + 2
        each = np.bincount(centers[inside], minlength=side)[3 : side - 3]
        assert each.min() > len(images) / side / 2


def test_cutout_fills_with_the_mean_of_each_seeds_images() -> None:
    images = np.random.default_rng(0).uniform(0, 255, (60, 8, 8, 3)).astype(np.float32)
    none, seeds = tf.zeros(60, tf.int32), tf.constant([[3, 4], [5, 4], [6, 4]])
    change = cutout(size=16, fill="mean").apply
    together = np.asarray(change(tf.constant(images), none, none, seeds)[0])
    for number in range(3):
        part = slice(20 * number, 20 * number + 20)
        alone = change(tf.constant(images[part]), none[part], none[part], seeds[number][None])[0]
        np.testing.assert_allclose(together[part], alone, rtol=1e-5)
        filled = (together[part] != images[part]).all(axis=(1, 2, 3))
        assert filled.any()
        means = images[part].mean(axis=(0, 1, 2))
        np.testing.assert_allclose(
            together[part][filled], np.broadcast_to(means, (filled.sum(), 8, 8, 3)), rtol=1e-5
        )


def darker_where_bright() -> Augmentation:
    """As a user may write it, with an `if` over a tensor."""

    def change(images: Any, seed: Any) -> Any:
        if tf.reduce_max(images) > 100:
            images = images / 2
        return images

    return of_images(change)


@pytest.mark.parametrize(("pixel", "seen"), [(80, 80), (200, 100)])
def test_an_augmentation_of_the_user_may_have_python_control_flow(pixel: int, seen: int) -> None:
    images = np.full((4, 2, 2, 1), pixel, np.uint8)
    largest = tf.Variable(0.0)
    steps = Steps(
        lambda batch: largest.assign(tf.reduce_max(batch[0])),
        lambda: {"largest": largest[None]},
        images,
        np.zeros(4, np.int32),
        augmentation=chain_augmentations([Component(darker_where_bright, {})]),
        batch_size=2,
        steps_per_call=2,
        xla=False,
        resident=True,
    )
    assert list(steps.run(np.arange(4, dtype=np.int32)[None], [0], 0)) == [(2, [{"largest": seen}])]


def test_augmentations_of_the_program_are_not_searched_for_control_flow() -> None:
    """It would take TensorFlow a second of every command."""
    ours, of_the_user = Component(shift4, {}), Component(darker_where_bright, {})
    assert not chain_augmentations([ours]).python_control_flow
    assert chain_augmentations([ours, of_the_user]).python_control_flow
