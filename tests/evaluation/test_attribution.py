"""Attribution per pixel, of a network that looks at a planted object and at nothing else."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from runner.base.array_types import Images
from runner.evaluation.attribution import (
    background,
    integrated_gradients,
    occlusion,
    saliency,
    smooth_grad,
)
from runner.evaluation.class_scores import ClassScores

SIDE, OBJECT = 20, 4
Method = Callable[..., NDArray[np.float32]]


def detector(channels: int) -> keras.Model:
    """Class 1 is a bright square in the first channel: more than 12 bright pixels."""
    model = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, channels)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(1, OBJECT, activation="relu", name="square"),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    kernel = np.zeros((OBJECT, OBJECT, channels, 1))
    kernel[:, :, 0] = 1
    weights = kernel, [-12.0], [[-1.0, 1.0]], [2.0, -2.0]
    model.set_weights([np.array(each) for each in weights])
    return model


def planted(channels: int) -> tuple[Images, NDArray[np.bool_]]:
    """Twelve images of dark noise with one bright square each, and where that is."""
    generator = np.random.default_rng(3)
    images = generator.integers(0, 100, (12, SIDE, SIDE, channels)).astype(np.uint8)
    inside = np.zeros((12, SIDE, SIDE), bool)
    for image, mask in zip(images, inside, strict=True):
        top, left = generator.integers(2, SIDE - OBJECT - 2, 2)
        mask[top : top + OBJECT, left : left + OBJECT] = True
        image[mask] = generator.integers(235, 255, (OBJECT**2, channels))
    return images, inside


def mixed() -> keras.Model:
    """A small convolutional network with a sigmoid output, of chance weights."""
    keras.utils.set_random_seed(5)
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 5, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("method", [saliency, smooth_grad, integrated_gradients, occlusion])
def test_what_counts_lies_inside_the_planted_object(method: Method, channels: int) -> None:
    images, inside = planted(channels)
    heat = np.abs(method(detector(channels), images, np.ones(len(images), np.int64)))
    assert heat.dtype == np.float32
    assert heat.shape == images.shape[:3]
    if method is occlusion:  # its squares, of 5 pixels, reach the object from 4 pixels away
        inside = binary_dilation(inside, np.ones((1, 9, 9), bool))
    assert (heat * inside).sum() > 0.9999 * heat.sum() > 0


def test_occlusion_falls_by_the_score_of_what_it_covers() -> None:
    images, inside = planted(1)
    heat = occlusion(detector(1), images, np.ones(12, np.int64), side=1, stride=1, baseline=0)
    assert (heat[~inside] == 0).all()
    np.testing.assert_allclose(heat[inside], images[inside][:, 0] / 255, rtol=1e-4)


def test_a_square_larger_than_the_image_covers_all_of_it() -> None:
    images, _ = planted(3)
    heat = occlusion(detector(3), images, np.ones(12, np.int64), side=99, stride=7, baseline=0)
    score = ClassScores(detector(3))(images, np.ones(12, np.int64))
    np.testing.assert_allclose(heat, np.broadcast_to((score + 2)[:, None, None], heat.shape), 1e-5)


@pytest.mark.parametrize("baseline", [None, 0.0, 255.0])
def test_integrated_gradients_add_up_to_the_difference_of_scores(baseline: float | None) -> None:
    model, (images, _) = mixed(), planted(3)
    classes = np.arange(12) % 2
    total = integrated_gradients(model, images, classes, baseline=baseline).sum(axis=(1, 2))
    empty = np.broadcast_to(background(images, baseline), images.shape)
    score = ClassScores(model)
    difference = score(images, classes) - score(empty, classes)
    assert np.abs(total - difference).max() < 0.01 * np.abs(difference).max()


def test_two_classes_of_one_sigmoid_are_opposites() -> None:
    model, (images, _) = mixed(), planted(3)
    zeros, ones = (integrated_gradients(model, images, np.full(12, c)) for c in (0, 1))
    np.testing.assert_allclose(zeros, -ones, atol=1e-6)


@pytest.mark.parametrize("method", [saliency, smooth_grad, integrated_gradients, occlusion])
def test_a_heat_map_does_not_depend_on_the_batch(
    method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, (images, _) = mixed(), planted(3)
    classes = np.arange(12) % 2
    together = method(model, images, classes)
    alone = method(model, images[7:8], classes[7:8])
    monkeypatch.setattr("runner.evaluation.class_scores.batch_size", lambda images: 5)
    for heat in (alone[0], method(model, images, classes)[7]):
        np.testing.assert_allclose(heat, together[7], atol=1e-4 * np.abs(together[7]).max())


def test_noise_is_that_of_its_seed() -> None:
    model, (images, _) = mixed(), planted(3)

    def heat(**options: Any) -> NDArray[np.float32]:
        return smooth_grad(model, images[:2], np.zeros(2, np.int64), samples=4, **options)

    np.testing.assert_array_equal(heat(seed=1), heat(seed=1))
    assert not np.array_equal(heat(seed=1), heat(seed=2))
    np.testing.assert_allclose(
        heat(noise=0.0), saliency(model, images[:2], np.zeros(2, np.int64)), rtol=1e-4
    )


def test_the_background_is_the_color_of_the_border() -> None:
    images = np.full((1, 5, 5, 3), 200, np.uint8)
    images[0, 1:4, 1:4] = 10
    images[0, 0, 0] = 0
    np.testing.assert_array_equal(background(images), np.full((1, 1, 1, 3), 200))
    np.testing.assert_array_equal(background(images, 7.0), np.full((1, 1, 1, 3), 7))
