"""Decoding of one picture file: checked, rotated upright, 8 bits, limited in size."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from runner.base.lazy import PIL

SMALLEST_SIDE = 4
"""Pixels; what is smaller shows nothing that could be classified."""
MOST_PIXELS = 65_000_000
"""A little more than a phone's sensor of 64 megapixels has. A transparent picture takes up to 12
bytes a pixel, and four are decoded at once: 2.6 GB were measured for four of 8000 x 8000."""


@contextmanager
def refusing_bombs() -> Iterator[None]:
    """Make `open_picture` refuse what declares more than MOST_PIXELS.

    It is for the whole process, and not to be entered by several threads.
    """
    before = PIL.Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
        PIL.Image.MAX_IMAGE_PIXELS = MOST_PIXELS
        try:
            yield
        finally:
            PIL.Image.MAX_IMAGE_PIXELS = before


def open_picture(path: Path, decoders: Sequence[str]) -> PIL.Image.Image:
    """Return the picture in a file, turned as its camera was; its `format` says what it was.

    Args:
        path: of the file.
        decoders: Pillow's names of the formats it may have.

    Raises:
        Exception: whatever Pillow stumbled over; the file is no whole picture.
    """
    if path.stat().st_size == 0:
        raise ValueError("empty")
    with PIL.Image.open(path, formats=decoders) as file:
        file.verify()  # checksums and the end of a PNG; decoding alone does not miss its last bytes
    with PIL.Image.open(path, formats=decoders) as file:
        if min(file.size) < SMALLEST_SIDE:
            raise ValueError(f"only {file.width} x {file.height} pixels")
        file.load()
        PIL.ImageOps.exif_transpose(file, in_place=True)  # else it copies what is upright already
        upright = _eight_bits(file)
        upright.format = file.format
        return upright


def is_transparent(picture: PIL.Image.Image) -> bool:
    """Tell whether a picture has pixels that may be seen through."""
    return "A" in picture.getbands() or "transparency" in picture.info


def put_on(picture: PIL.Image.Image, color: str) -> PIL.Image.Image:
    """Put what is transparent on paper of a color."""
    if not is_transparent(picture):
        return picture
    layer = with_alpha(picture)
    return PIL.Image.alpha_composite(PIL.Image.new("RGBA", layer.size, color), layer)


def with_alpha(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Return a picture as RGBA; itself where it is that."""
    return picture if picture.mode == "RGBA" else picture.convert("RGBA")


def _eight_bits(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Scale gray values of 16 bits, which Pillow would cut off at 255.

    Raises:
        ValueError: they are of 32 bits, or fractions, of which nobody knows what is white.
    """
    if picture.mode in {"I", "F"}:
        raise ValueError("gray values of 32 bits; save the picture with 8 or 16")
    if not picture.mode.startswith("I;16"):
        return picture
    return PIL.Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
