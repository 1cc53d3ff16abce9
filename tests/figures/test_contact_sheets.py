"""Sheets of many small pictures: which ones, in which order, with what below them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from figures.configured import Configured, drawn
from runner.figures.contact_sheet import arrange, paste
from runner.figures.finished_run import ClassificationRun
from runner.figures.paper import printable

first_test_images = Configured("first-test-images")
misclassified = Configured("misclassified")


class TestMisclassified:
    def test_draws_exactly_the_errors_most_confident_first(self, digits: ClassificationRun) -> None:
        wrong = np.flatnonzero(digits.predictions != digits.labels)
        assert len(wrong) > 50
        wrong = wrong[np.argsort(-digits.probabilities[wrong].max(axis=1), kind="stable")][:100]
        (sheet,) = drawn(misclassified(digits)).findobj(lambda artist: hasattr(artist, "picture"))
        assert hasattr(sheet, "picture")
        captions = [
            f"{digits.labels[i]} ({digits.probabilities[i, digits.labels[i]]:.2f})\n"
            f"→ {digits.predictions[i]} ({digits.probabilities[i].max():.2f})"
            for i in wrong
        ]
        layout = arrange((28, 28), captions, None)
        shown = [tile(sheet.picture, layout.corner(n), layout.width) for n in range(len(wrong))]
        np.testing.assert_array_equal(shown, 255 - digits.images[wrong, ..., 0])
        cells = layout.columns * (sheet.picture.shape[0] // layout.cell_height)
        rest = [
            tile(sheet.picture, layout.corner(n), layout.width) for n in range(len(wrong), cells)
        ]
        assert all((empty == 255).all() for empty in rest)
        frames = np.zeros(len(wrong), bool)
        expected = paste(printable(digits.images[wrong]), captions, frames, layout)
        np.testing.assert_array_equal(sheet.picture, expected)

    def test_says_how_many(self, digits: ClassificationRun) -> None:
        errors = int((digits.predictions != digits.labels).sum())
        said = drawn(misclassified(digits, limit=7)).texts[1].get_text()
        assert said.startswith(f"{errors} of 10,000 test images")
        assert "the 7 most confident" in said

    @pytest.mark.parametrize("errors", [0, 1, 5, 900, 2500])
    def test_stays_readable(
        self, digits: ClassificationRun, errors: int, overhang: Callable[[Figure], float]
    ) -> None:
        labels = digits.predictions.copy()
        labels[:errors] = (labels[:errors] + 1) % 10
        figure = drawn(misclassified(replace(digits, labels=labels)))
        assert overhang(figure) < 0.02
        width, height = figure.get_size_inches()
        assert height < 2 * width + 3
        assert width < 45

    def test_tells_long_names_apart(self, digits: ClassificationRun) -> None:
        names = [f"a rather long name {n}" for n in range(10)]
        few = replace(digits, class_names=names)
        (sheet,) = drawn(misclassified(few)).findobj(lambda artist: hasattr(artist, "picture"))
        assert hasattr(sheet, "picture")
        layout = arrange((28, 28), [f"→ {names[0]} (0.00)\n" for _ in range(100)], None)
        assert layout.cell_width > 130


def tile(sheet: NDArray[np.uint8], corner: tuple[int, int], side: int) -> NDArray[np.uint8]:
    """Cut one image from a contact sheet and undo its enlargement."""
    x, y = corner
    step = side // 28
    return sheet[y : y + side : step, x : x + side : step, 0]


def test_large_pictures_are_reduced() -> None:
    images = np.zeros((3, 200, 150, 3), np.uint8)
    layout = arrange(images.shape[1:3], ["cat", "dog", "cat"], None)
    assert (layout.height, layout.width) == (140, 105)
    sheet = paste(images, ["cat", "dog", "cat"], np.array([True, False, False]), layout)
    assert (sheet[70, 50] == [0, 0, 0, 255]).all()
    assert sheet[1, 1].tolist() == [0xD5, 0x5E, 0, 255], "the frame is missing"
    for n in range(3):
        x, y = layout.corner(n)
        around = [sheet[y - 1, x], sheet[y, x - 1], sheet[y + 140, x + 104], sheet[y, x + 105]]
        assert {tuple(color) for color in around} == {(204, 204, 204, 255)}, "an outline is missing"


def test_first_images_are_the_first_twenty(digits: ClassificationRun) -> None:
    (sheet,) = drawn(first_test_images(digits)).findobj(lambda artist: hasattr(artist, "picture"))
    assert hasattr(sheet, "picture")
    layout = arrange((28, 28), ["0 (0.00)\n→ 0 (0.00)"] * 20, 5)
    right = np.flatnonzero((digits.predictions == digits.labels)[:20])
    shown = [tile(sheet.picture, layout.corner(int(n)), layout.width) for n in right]
    np.testing.assert_array_equal(shown, 255 - digits.images[right, ..., 0])
    assert sheet.picture.shape[0] == 4 * layout.cell_height


def test_names_of_first_images_are_blue_or_where_wrong_red(digits: ClassificationRun) -> None:
    labels = digits.predictions.copy()
    labels[1] = (labels[1] + 1) % 10
    run = replace(digits, labels=labels)
    sheets = drawn(first_test_images(run, captions="colors", count=2))
    (sheet,) = sheets.findobj(lambda artist: hasattr(artist, "picture"))
    assert hasattr(sheet, "picture")
    below = sheet.picture[145:, :, :3].astype(int)
    red, blue = below[..., 0] - below[..., 2] > 100, below[..., 2] - below[..., 0] > 100
    assert blue.any()
    assert red.any()
    assert np.flatnonzero(blue.any(axis=0)).max() < np.flatnonzero(red.any(axis=0)).min()


@pytest.mark.parametrize(("dark", "ground"), [(True, 255), (False, 0)])
def test_digits_are_printed_black_on_white_and_other_gray_images_as_they_are(
    digits: ClassificationRun, dark: bool, ground: int
) -> None:
    run = replace(digits, dark=dark)
    (sheet,) = drawn(first_test_images(run, count=1)).findobj(lambda a: hasattr(a, "picture"))
    assert hasattr(sheet, "picture")
    assert sheet.picture[1, 1, :3].tolist() == [ground] * 3


def test_colors_are_printed_as_they_are() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    assert np.array_equal(printable(pixels, dark=True), pixels)
