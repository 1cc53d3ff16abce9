"""Pictures brought to the shape and background that a network knows.

`mnist` follows the makers of MNIST: it crops to the ink, makes its longer side 20 of 28 pixels, and
puts its center of mass into the middle. `tight` crops likewise and puts the box into the middle, as
Fashion-MNIST. `pad` keeps the whole picture and its proportions, `crop` its middle, and `stretch`
gives its proportions up, as for data sets in folders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.errors import DataError
from runner.base.lazy import PIL
from runner.base.option_types import Background
from runner.config.dataset_config import OwnPictures
from runner.datasets.picture_folders import stretch
from runner.predict.inputs.ink import Gray, Ink, find_ink

_SIDE = 512
"""Pixels of the longer side in which ink is looked for; more would only take longer."""
_TO_INK = ("mnist", "tight")


@dataclass(frozen=True)
class Frame:
    """The shape and background that pictures are brought to.

    Attributes:
        shape: height, width and channels.
        like: how pictures are made like those of the data set.
        background: of the pictures; None judges each.
        as_is: whether they are never inverted.
        even_same: whether those of the right size already are brought to it all the same.
    """

    shape: tuple[int, ...]
    like: OwnPictures
    background: Background | None = None
    as_is: bool = False
    even_same: bool = False


def fit_picture(picture: PIL.Image.Image, frame: Frame) -> tuple[Images, str]:
    """Return a picture as the network expects it, and how it was made so, in words.

    The picture is [height, width, channels].

    Raises:
        DataError: it is blank where ink is looked for.
    """
    height, width, _ = frame.shape
    sizes = f"{picture.width}x{picture.height} -> {width}x{height}"
    same = picture.size == (width, height) and not frame.even_same
    if frame.like.fit in _TO_INK and not same:
        return _fit_ink(picture, frame, sizes)
    preparation = "as it is" if same else f"{_HOW[frame.like.fit]} {sizes}"
    if frame.like.fit != "stretch" and not same:
        picture = picture.convert("L" if frame.shape[2] == 1 else "RGB")
        picture = _crop(picture, frame) if frame.like.fit == "crop" else _pad(picture, frame)
    pixels, inverted = invert(stretch(picture, frame.shape)[np.newaxis], frame)
    return pixels[0], f"inverted, {preparation}" if inverted[0] else preparation


def invert(images: Images, frame: Frame) -> tuple[Images, NDArray[np.bool_]]:
    """Invert those images, 0 .. 255, whose background is not the one that the network knows.

    A background is bright where most of the border is nearer to the brightest pixel than to the
    darkest. That is so of none of the 30 000 test images of MNIST, Fashion-MNIST and KMNIST, and of
    all of them when they are inverted.

    Args:
        images: [n, height, width, channels].
        frame: what is known of their background, and what the network knows.

    Returns:
        the images, and whether each was inverted, [n].
    """
    known = frame.like.background
    if frame.as_is or known is None:
        return images, np.zeros(len(images), bool)
    if frame.background:
        unlike = np.full(len(images), frame.background != known)
    else:
        unlike = _bright_borders(images) != (known == "light")
    return np.where(unlike[:, None, None, None], 255 - images, images), unlike


def _bright_borders(images: Images) -> NDArray[np.bool_]:
    gray = images.mean(-1, dtype=np.float32)
    border = np.concatenate([gray[:, 0], gray[:, -1], gray[:, :, 0], gray[:, :, -1]], axis=1)
    middle = (gray.min((1, 2)) + gray.max((1, 2))) / 2
    return np.asarray(np.median(border, axis=1) > middle)


_HOW = {"pad": "padded", "crop": "middle of", "stretch": "stretched"}


def _fit_ink(picture: PIL.Image.Image, frame: Frame, sizes: str) -> tuple[Images, str]:
    small = picture.convert("L")
    small.thumbnail((_SIDE, _SIDE))
    ink = find_ink(np.asarray(small, np.float32), frame.background)
    if ink is None:
        is_than = {None: "differs from", "dark": "is brighter than", "light": "is darker than"}
        raise DataError(f"blank: nothing on it {is_than[frame.background]} its background")
    known = frame.like.background
    wanted = ink.background if frame.as_is or known is None else known
    pixels = 255 * _place(ink, frame)
    pixels = pixels if wanted == "dark" else 255 - pixels
    gray = np.rint(pixels).astype(np.uint8)[..., np.newaxis]
    top, left, bottom, right = (round(side * picture.width / small.width) for side in ink.box)
    inverted = "" if ink.background == wanted else "inverted, "
    return (
        np.repeat(gray, frame.shape[2], axis=-1),
        f"{inverted}ink of {right - left}x{bottom - top} in {sizes}",
    )


def _place(ink: Ink, frame: Frame) -> Gray:
    """Put ink into the middle of an empty image, enlarged or reduced."""
    height, width, _ = frame.shape
    cropped, side = ink.cropped, frame.like.ink or _usual_side(frame)
    scale = min(side, height, width) / max(cropped.shape)
    size = [max(1, round(scale * length)) for length in cropped.shape]
    resized = PIL.Image.fromarray(cropped).resize((size[1], size[0]), PIL.Image.Resampling.LANCZOS)
    drawn = np.clip(np.asarray(resized), 0, None)
    drawn = np.clip(drawn / max(float(np.percentile(drawn, 98)), 0.1), 0, 1)
    middle = _mass(drawn) if frame.like.fit == "mnist" else (size[0] / 2, size[1] / 2)
    top, left = (
        min(max(0, round(whole / 2 - center)), whole - part)
        for whole, center, part in zip((height, width), middle, size, strict=True)
    )
    placed = np.zeros((height, width), np.float32)
    placed[top : top + size[0], left : left + size[1]] = drawn
    return placed


def _usual_side(frame: Frame) -> int:
    least = min(frame.shape[:2])
    return round(least * 20 / 28) if frame.like.fit == "mnist" else least


def _mass(drawn: Gray) -> tuple[float, float]:
    """Return the row and column of the center of mass, as MNIST counts: from the first pixel's."""
    total = drawn.sum()
    down, across = np.arange(drawn.shape[0]), np.arange(drawn.shape[1])
    return float(drawn.sum(1) @ down / total), float(drawn.sum(0) @ across / total)


def _crop(picture: PIL.Image.Image, frame: Frame) -> PIL.Image.Image:
    return PIL.ImageOps.fit(picture, (frame.shape[1], frame.shape[0]))


def _pad(picture: PIL.Image.Image, frame: Frame) -> PIL.Image.Image:
    """Add to the shorter side what continues the picture's border."""
    scale = min(frame.shape[1] / picture.width, frame.shape[0] / picture.height)
    width, height = (max(1, round(scale * side)) for side in picture.size)
    small = picture.resize((width, height))
    pixels = np.atleast_3d(np.asarray(small))
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    color = tuple(int(value) for value in np.median(edge, axis=0))
    gray = len(color) == 1
    return PIL.ImageOps.pad(
        small, (frame.shape[1], frame.shape[0]), color=color[0] if gray else color
    )
