"""The figure of augmentation shows what the network is trained on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from figures.configured import Configured
from runner.config.component import Component
from runner.figures import augmented_images as figures
from runner.figures.augmented_images import augment
from runner.figures.contact_sheet import arrange, contact_sheet
from runner.figures.finished_run import ClassificationRun
from runner.training.augmentation import chain_augmentations
from runner.training.augmentation.content import mixup
from runner.training.augmentation.geometry import affine, flip, shift4

from .conftest import AFFINE

augmentation = Configured("augmentation")
Draw = Callable[..., "Drawn"]


class Drawn:
    """A figure taken apart: its images in rows, 0..255 as stored, and its captions."""

    def __init__(self, figure: Figure, captions: list[str]):
        (sheet,) = figure.findobj(lambda artist: hasattr(artist, "picture"))
        assert hasattr(sheet, "picture")
        self.subtitle = figure.texts[1].get_text()
        self.captions = captions
        self.picture: NDArray[np.uint8] = sheet.picture

    def image(self, row: int, column: int, columns: int) -> NDArray[np.uint8]:
        layout = arrange((28, 28), self.captions, columns)
        x, y = layout.corner(row * columns + column)
        step = layout.width // 28
        return 255 - self.picture[y : y + layout.height : step, x : x + layout.width : step, 0]


@pytest.fixture
def drawn(digits: ClassificationRun, monkeypatch: pytest.MonkeyPatch) -> Draw:
    """Draw the figure for some augmentations."""

    def draw(changes: dict[str, Component], **options: Any) -> Drawn:
        captions: list[str] = []

        def sheet(images: Any, texts: list[str], **more: Any) -> Figure:
            captions.extend(texts)
            return contact_sheet(images, texts, **more)

        monkeypatch.setattr(figures, "contact_sheet", sheet)
        figure = augmentation(replace(digits, augmentation=changes), **options)
        assert figure is not None
        return Drawn(figure, captions)

    return draw


def test_there_is_none_without_augmentation(digits: ClassificationRun) -> None:
    assert augmentation(replace(digits, augmentation={})) is None
    assert augmentation(replace(digits, train=None)) is None


def test_all_versions_of_a_shift_are_shown(digits: ClassificationRun, drawn: Draw) -> None:
    assert digits.train is not None
    shown = drawn({"shift4": Component(shift4, {})}, images=3, versions=2)
    assert "shift4" in shown.subtitle
    stored = digits.train.images[1, ..., 0]
    north = shown.image(1, 2, columns=6)
    np.testing.assert_array_equal(shown.image(1, 1, columns=6), stored)
    np.testing.assert_array_equal(north[:-1], stored[1:])
    assert (shown.image(1, 3, columns=6) != stored).any()
    assert shown.captions[6:12] == ["0"] * 6


def test_the_frame_is_around_what_is_stored(digits: ClassificationRun, drawn: Draw) -> None:
    assert digits.train is not None
    shown = drawn({"flip": Component(flip, {"probability": 0.0})}, images=2, versions=2)
    stored = digits.train.images[0, ..., 0]
    framed, free = shown.image(0, 0, columns=3), shown.image(0, 1, columns=3)
    np.testing.assert_array_equal(framed[3:-3, 3:-3], stored[3:-3, 3:-3])
    np.testing.assert_array_equal(free, stored)
    assert (framed[0] != free[0]).all()


def test_random_changes_differ_from_version_to_version(digits: ClassificationRun) -> None:
    change = chain_augmentations([Component(affine, AFFINE | {"rotation": 15.0})])
    assert digits.train is not None
    images, shares = digits.train.images[:4], np.eye(10, dtype=np.float32)[:4]
    first, again, second = (augment(change, images, shares, n, 0)[0] for n in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != second).any(axis=(1, 2, 3)).all()
    assert first.dtype == np.uint8


def test_mixed_images_carry_both_labels(digits: ClassificationRun, drawn: Draw) -> None:
    assert digits.train is not None
    shown = drawn({"affine": Component(affine, AFFINE), "mixup": Component(mixup, {"alpha": 5.0})})
    assert "affine, mixup" in shown.subtitle
    labels = digits.train.labels[:6]
    for row, label in enumerate(labels):
        captions = shown.captions[6 * row + 1 : 6 * row + 6]
        partner = labels[row - 1]
        for caption in captions:
            parts = [line.removeprefix("+ ").split() for line in caption.split("\n")]
            shares = {name: float(share.strip("()")) for name, share in parts}
            assert set(shares) == {str(label), str(partner)}
            assert sum(shares.values()) == pytest.approx(1, abs=0.011)


def test_a_blend_shows_both_images(digits: ClassificationRun) -> None:
    change = chain_augmentations([Component(mixup, {"alpha": 5.0})])
    assert digits.train is not None
    images, shares = digits.train.images[:2], np.eye(10, dtype=np.float32)[:2]
    mixed, targets = augment(change, images, shares, 0, 0)
    own = targets[0, 0]
    expected = own * images[0] + (1 - own) * images[1].astype(np.float32)
    np.testing.assert_allclose(mixed[0], expected, atol=0.51)
