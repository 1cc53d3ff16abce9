"""The confusion matrix: counts, rates, and classes without images."""

from dataclasses import replace

import pytest

from runner.figures.confusion_matrix import confusion_matrix
from runner.figures.finished_run import ClassificationRun


def test_shows_counts_and_rates(digits: ClassificationRun) -> None:
    figure = confusion_matrix(digits)
    (picture,) = figure.axes[0].images
    sevens = digits.labels == 7
    as_seven = sevens & (digits.predictions == 7)
    rate = 100 * as_seven.sum() / sevens.sum()
    shown = picture.get_array()
    assert shown is not None
    assert shown[7, 7] == pytest.approx(rate)
    cell = [t.get_text().strip() for t in figure.axes[0].texts if t.get_position() == (7, 7)]
    assert cell == [str(as_seven.sum()), f"{rate:.1f} %"]


def test_all_images_are_counted(digits: ClassificationRun) -> None:
    texts = [t.get_text().strip() for t in confusion_matrix(digits).axes[0].texts]
    assert sum(int(text) for text in texts if "%" not in text) == 10_000


def test_a_class_without_images_is_an_empty_row(digits: ClassificationRun) -> None:
    of_three = {name: getattr(digits, name)[:3] for name in ("images", "labels", "probabilities")}
    few = replace(digits, **of_three)
    (picture,) = confusion_matrix(few).axes[0].images
    shown = picture.get_array()
    assert shown is not None
    assert shown.sum() == pytest.approx(100 * len(set(few.labels.tolist())))
