"""Attribution: how much each pixel of an image counts for a class.

Every method looks at the score of the class before softmax or sigmoid, since a probability near 1
hardly changes. Images are uint8 or float32, [n, height, width, 1 or 3], 0..255, as the network
takes them; heat maps are float32 [n, height, width], in units of the score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.lazy import keras
from runner.evaluation.class_scores import ClassScores, Pixels, Rows, batches

Heat = NDArray[np.float32]


def saliency(network: keras.Model, images: Images, classes: Labels) -> Heat:
    """Return how much the score changes with each pixel: the gradient without its sign.

    Of several channels the largest counts (Simonyan, Vedaldi and Zisserman 2014). Scores per gray
    level, 0 or more.

    Args:
        network: takes raw pixels.
        images: to be explained.
        classes: whose score is looked at, one for each image.
    """
    return _strength(ClassScores(network).gradients(images, classes))


def smooth_grad(
    network: keras.Model,
    images: Images,
    classes: Labels,
    *,
    noise: float = 0.15,
    samples: int = 25,
    seed: int = 0,
) -> Heat:
    """Return the saliency of the mean gradient over noisy versions of each image.

    Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017. Every image gets the same
    noise, so that its heat map does not depend on which others it is computed with.

    Args:
        network: takes raw pixels.
        images: to be explained.
        classes: one for each image.
        noise: its standard deviation, as a fraction of the range of the image's pixels.
        samples: number of versions.
        seed: of the noise.
    """
    shape = (samples, *images.shape[1:])
    draws = np.random.default_rng(seed).standard_normal(shape, np.float32)

    def noisy(pixels: Pixels, numbers: Rows, _: Rows) -> Pixels:
        return np.asarray(pixels + noise * _range(pixels) * draws[numbers], np.float32)

    return _strength(ClassScores(network).mean_gradients(images, classes, noisy, samples))


def integrated_gradients(
    network: keras.Model,
    images: Images,
    classes: Labels,
    *,
    baseline: float | None = None,
    steps: int = 64,
) -> Heat:
    """Return the share of each pixel in the score, with its sign; channels are summed up.

    Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017: gradients
    along the straight way from an empty image, times the difference. They add up to the difference
    of the scores of both, but for an error that falls with the number of steps: below 1 % of it
    for a small convolutional network and 64 steps.

    Args:
        network: takes raw pixels.
        images: to be explained.
        classes: one for each image.
        baseline: gray level of the empty image, 0..255; None is the `background` of each image.
        steps: on the way, each at the middle of its part.
    """
    empty = background(images, baseline)

    def between(pixels: Pixels, numbers: Rows, rows: Rows) -> Pixels:
        way = ((numbers + 0.5) / steps).astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
        return empty[rows] + way * (pixels - empty[rows])

    gradients = ClassScores(network).mean_gradients(images, classes, between, steps)
    share: Heat = ((images.astype(np.float32) - empty) * gradients).sum(axis=-1)
    return share


def occlusion(
    network: keras.Model,
    images: Images,
    classes: Labels,
    *,
    side: int = 5,
    stride: int = 2,
    baseline: float | None = None,
) -> Heat:
    """Return by how much the score falls where a square is covered; means over those at a pixel.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.

    Args:
        network: takes raw pixels.
        images: to be explained.
        classes: one for each image.
        side: of the square, in pixels; no more than the shorter side of an image is covered.
        stride: pixels from one square to the next.
        baseline: gray level of the square, 0..255; None is the `background` of each image.
    """
    squares = _squares(images.shape[1:3], side, stride)
    network_scores, count = ClassScores(network), len(squares)
    pixels, empty = images.astype(np.float32), background(images, baseline)
    falls = np.zeros(len(images) * count, np.float32)
    for rows in batches(images, len(falls)):
        image, square = rows // count, squares[rows % count][..., np.newaxis]
        covered = np.where(square, empty[image], pixels[image])
        falls[rows] = -network_scores(covered, classes[image])
    falls += np.repeat(network_scores(images, classes), count)
    weights = squares.reshape(count, -1).astype(np.float32)
    means = falls.reshape(-1, count) @ weights / weights.sum(axis=0)
    return np.asarray(means.reshape(images.shape[:3]), np.float32)


def background(images: Images, level: float | None = None) -> Pixels:
    """Return the empty version of each image, float32 [n, 1, 1, channels].

    Args:
        images: [n, height, width, channels].
        level: its gray level; None is the median of the image's border, in each channel.
    """
    if level is not None:
        return np.full((len(images), 1, 1, images.shape[-1]), level, np.float32)
    edges = [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]]
    median = np.median(np.concatenate(edges, axis=1), axis=1)
    return np.asarray(median[:, np.newaxis, np.newaxis], np.float32)


def _squares(shape: tuple[int, ...], side: int, stride: int) -> NDArray[np.bool_]:
    """Return where each square covers the image, [squares, height, width]; the edges too."""
    side = min(side, *shape)
    tops, lefts = (sorted({*range(0, n - side, stride), n - side}) for n in shape)
    squares = np.zeros((len(tops) * len(lefts), *shape), bool)
    for number, (top, left) in enumerate((top, left) for top in tops for left in lefts):
        squares[number, top : top + side, left : left + side] = True
    return squares


def _range(pixels: Pixels) -> Pixels:
    axes = (1, 2, 3)
    reach: Pixels = pixels.max(axis=axes, keepdims=True) - pixels.min(axis=axes, keepdims=True)
    return reach


def _strength(gradients: Pixels) -> Heat:
    strength: Heat = np.abs(gradients).max(axis=-1)
    return strength
