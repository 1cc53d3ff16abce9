"""A drawn digit, and what a network of digits takes."""

from typing import Any

from PIL import Image, ImageDraw

from runner.config.dataset_config import OwnPictures
from runner.predict.inputs.picture_fitting import Frame

GRAY, RGB = (28, 28, 1), (20, 30, 3)
DIGITS, CLOTHES = OwnPictures("mnist", 20, "dark"), OwnPictures("tight", 28, "dark")
DIGIT = Frame(GRAY, DIGITS)


def seven(size: tuple[int, int] = (300, 200), ink: Any = 0, paper: Any = 255) -> Image.Image:
    """A 7 of 60 x 120 pixels at the right of a page."""
    page = Image.new("RGB" if isinstance(ink, tuple) else "L", size, paper)
    strokes = [(200, 40), (260, 40), (220, 160)]
    ImageDraw.Draw(page).line(strokes, ink, 14, joint="curve")
    return page
