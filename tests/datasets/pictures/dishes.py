"""Pictures of dishes, and how a test configures folders of them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from runner.config.dataset_config import DatasetConfig

Configure = Callable[..., DatasetConfig]
SHARED = os.environ.get("RUNNER_DATA")  # before the fixtures hide it
SIDE = 6
RGB = (200, 100, 50)


def gray(value: int, side: int = SIDE) -> Image.Image:
    return Image.new("L", (side, side), value)


def save(picture: Image.Image, path: Path, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)
    return path


def fill(folder: Path, cups: int = 8, plates: int = 8) -> Path:
    """Write pictures whose gray value is their number, plates' from 100 on."""
    for number in range(cups):
        save(gray(number), folder / "cups" / f"cup {number:02}.png")
    for number in range(plates):
        save(gray(100 + number), folder / "plates" / f"plate {number:02}.png")
    return folder


def values(images: Any) -> list[int]:
    return [int(image[0, 0, 0]) for image in images]
