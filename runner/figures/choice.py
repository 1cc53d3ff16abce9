"""Which images the figures of single images show."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runner.datasets.splits import Images
from runner.errors import ConfigurationError, DataError
from runner.figures.subject import Chosen, Subject

if TYPE_CHECKING:
    from PIL.Image import Image


def by_index(subject: Subject, indices: Sequence[int]) -> Chosen:
    """Choose test images by their place.

    Raises:
        ConfigurationError: there is no such test image.
    """
    beyond = [index for index in indices if not 0 <= index < len(subject.labels)]
    if beyond:
        last = len(subject.labels) - 1
        raise ConfigurationError(f"test image {beyond[0]}: expected an index from 0 to {last}")
    chosen = np.asarray(indices, np.int64)
    names = [f"{subject.class_names[subject.labels[i]]} (#{i})" for i in chosen]
    return Chosen(subject.images[chosen], subject.labels[chosen], names)


def by_class(subject: Subject, labels: Sequence[int], each: int = 1) -> Chosen:
    """Choose the first test images of classes: so many each time a class is named."""
    found = [
        np.flatnonzero(subject.labels == label)[: each * list(labels).count(label)]
        for label in dict.fromkeys(labels)
    ]
    return by_index(subject, np.concatenate(found).tolist() if found else [])


def from_files(subject: Subject, paths: Sequence[Path]) -> Chosen:
    """Read the user's own pictures, cropped to a square and resized as the test images are.

    A grey picture whose border is bright is inverted where the test images have dark borders, so
    that ink on paper can be read by a network that knows white digits on black.

    Raises:
        DataError: a file is no picture.
    """
    pictures = np.stack([_read(path, subject.images) for path in paths])
    return Chosen(pictures, None, [path.name for path in paths])


def _read(path: Path, like: Images) -> Images:
    from PIL import Image, ImageOps, UnidentifiedImageError

    height, width, channels = like.shape[1:]
    try:
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            picture = _flatten(upright).convert("L" if channels == 1 else "RGB")
    except (OSError, UnidentifiedImageError) as error:
        raise DataError(f"{path}: expected a PNG or JPEG picture: {error}") from error
    fitted = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    pixels = np.asarray(fitted, np.uint8).reshape(height, width, channels)
    middle = 128
    unlike = _border(pixels[np.newaxis]) > middle > _border(like[:1000])
    return 255 - pixels if channels == 1 and unlike else pixels


def _flatten(picture: "Image") -> "Image":
    """Put a transparent picture on white paper."""
    from PIL import Image

    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)


def _border(images: Images) -> float:
    return float(np.median(np.concatenate([images[:, 0], images[:, -1]], axis=1)))
