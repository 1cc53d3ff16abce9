"""The user's own pictures, of any usual kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runner.base.errors import DataError
from runner.base.lazy import PIL
from runner.base.option_types import Background
from runner.datasets.picture_files import is_transparent, open_picture, put_on, with_alpha

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"),
    *(".heic", ".heif", ".avif", ".jp2", ".svg"),
)
"""Endings of pictures; those that cannot be read are among them, so that an error names them."""

_DECODERS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_MIDDLE = 127.5
_SIDE = 512
"""Pixels of the longer side, about, that it is judged by; more would only fill memory."""


def read_picture(path: Path, known: Background | None) -> PIL.Image.Image:
    """Return the picture in a file, turned as its camera was, opaque, in 8 bits.

    What is transparent is put on white, as in training. Where what is drawn is bright it is put on
    black, provided that the background which the network knows brings that back.

    Args:
        path: of the file.
        known: background of the pictures that the network knows; None where they differ.

    Raises:
        DataError: it is no picture, not whole, too small, too large, or one of several in a file.
    """
    try:
        if not path.is_file():
            raise ValueError("there is no such file")
        picture = open_picture(path, _DECODERS)
        if picture.format != "MPO" and _frames(path) > 1:
            raise ValueError(f"holds {_frames(path)} pictures; save the one that is meant as PNG")
    except Exception as error:  # a damaged file makes Pillow stumble anywhere
        raise DataError(f"{path}: {_explain(error, path)}") from error
    return put_on(picture, "white" if known is None or _is_dark(picture) else "black")


def _frames(path: Path) -> int:
    with PIL.Image.open(path, formats=_DECODERS) as file:
        return int(getattr(file, "n_frames", 1))


def _is_dark(picture: PIL.Image.Image) -> bool:
    """Tell whether what is opaque is dark."""
    if not is_transparent(picture):
        return True
    small = with_alpha(picture).reduce(max(1, max(picture.size) // _SIDE))
    values = np.asarray(small.convert("LA"), np.float32)
    gray, opacity = values[..., 0], values[..., 1]
    return bool((gray * opacity).sum() <= _MIDDLE * opacity.sum())


def _explain(error: Exception, path: Path) -> str:
    if isinstance(error, PIL.UnidentifiedImageError):
        return "no picture, or of a kind that is not read; expected PNG, JPEG, GIF, BMP, WebP, TIFF"
    if isinstance(error, PIL.Image.DecompressionBombWarning | PIL.Image.DecompressionBombError):
        return f"more pixels than the {PIL.Image.MAX_IMAGE_PIXELS:,} that are read; make it smaller"
    reason = " ".join(str(error).split()) or type(error).__name__
    return reason.replace(str(path), path.name)
