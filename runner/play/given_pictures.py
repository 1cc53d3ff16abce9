"""Pictures that are drawn on the page or uploaded, as a network sees them."""

from __future__ import annotations

import base64
import binascii
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from runner.base.array_types import Images
from runner.base.errors import DataError
from runner.base.lazy import PIL, scipy
from runner.base.option_types import Background
from runner.play.play_errors import PlayError
from runner.play.play_requests import Distortion
from runner.predict.inputs.input_pictures import read_picture
from runner.predict.inputs.picture_fitting import Frame, fit_picture

_LONGEST_SIDE = 512
"""Pixels that an uploaded picture keeps of its longer side; no network here takes more."""


def network_image(picture: str, frame: Frame) -> tuple[Images, str]:
    """Return a picture as `predict` would make it for the network, and how, in words.

    Args:
        picture: a file in base64, with or without `data:...,` before it.
        frame: what it is brought to.

    Raises:
        PlayError: it is no picture, or blank.
    """
    try:
        content = base64.b64decode(picture.rpartition(",")[2], validate=True)
    except binascii.Error as error:
        raise PlayError("no-picture", f"the picture is no base64: {error}") from error
    opened = open_content(content, frame.like.background)
    try:
        return fit_picture(opened, frame)
    except DataError as error:
        raise PlayError("blank", str(error)) from error


def small_png(content: bytes) -> bytes:
    """Return an uploaded picture as a PNG of at most 512 pixels a side.

    Raises:
        PlayError: it is no picture.
    """
    picture = open_content(content, None)
    picture = picture.convert("L" if picture.mode in ("1", "L", "LA") else "RGB")
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def open_content(content: bytes, known: Background | None) -> PIL.Image.Image:
    """Read a picture as `predict` reads a file; see `read_picture`.

    Raises:
        PlayError: it is no picture.
    """
    with NamedTemporaryFile(suffix=".png") as file:
        file.write(content)
        file.flush()
        try:
            return read_picture(Path(file.name), known)
        except DataError as error:
            reason = str(error).removeprefix(f"{file.name}: ")
            raise PlayError("no-picture", reason.replace(Path(file.name).name, "it")) from error


def distort(image: Images, by: Distortion) -> Images:
    """Shift, turn and scale an image about its middle, and add noise.

    What comes in from outside has the color of most of the border.

    Args:
        image: uint8 [height, width, channels].
        by: how.
    """
    if by == Distortion():
        return image
    height, width, _ = image.shape
    angle = np.deg2rad(by.turn)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn / by.scale
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    offset = middle - matrix @ (middle + np.array([by.down * height, by.right * width]))
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    changed = [
        scipy.ndimage.affine_transform(
            plane.astype(np.float32), matrix, offset, order=1, cval=float(np.median(edge))
        )
        for plane, edge in zip(np.moveaxis(image, -1, 0), border.T, strict=True)
    ]
    values = np.stack(changed, axis=-1)
    if by.noise:
        values += np.random.default_rng(0).normal(0, 255 * by.noise, values.shape)
    changed_image: Images = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return changed_image
