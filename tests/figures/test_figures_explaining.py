"""The figures that explain errors: what counts in an image, and which images are alike."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from figures.configured import Configured
from runner.datasets.splits import TrainSplit
from runner.evaluation.exciting_images import exciting_images
from runner.figures.confused_pairs import most_confused
from runner.figures.confusion_matrix import count_confusions
from runner.figures.contact_sheet import arrange
from runner.figures.finished_run import ClassificationRun
from runner.figures.image_selection import by_index
from runner.figures.wrong_in_seeds import count_errors

attribution = Configured("attribution")
confused_pairs = Configured("confused-pairs")
exciting = Configured("exciting-images")
nearest_training = Configured("nearest-training")
wrong_in_seeds = Configured("wrong-in-seeds")


def pictures(figure: Figure) -> list[NDArray[Any]]:
    """Return what the axes of a page show, color bars left out."""
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    return [np.asarray(each) for each in shown]


class TestAttribution:
    def test_methods_are_rows_of_the_chosen_images(self, digits: ClassificationRun) -> None:
        figure = attribution(digits, methods=["saliency", "occlusion"], images=[3, 5, 8])
        shown = pictures(figure)
        assert [each.shape for each in shown] == 3 * [(28, 28, 3)] + 6 * [(28, 28)]
        np.testing.assert_array_equal(shown[1][..., 0], 255 - digits.images[5, ..., 0])
        for heat in shown[3:6]:
            assert 0 <= heat.min() < 0.05
        for heat in shown[3:]:
            assert (np.abs(heat) > 1).mean() == pytest.approx(0.01, abs=0.003)
        assert min(heat.min() for heat in shown[6:]) < -0.05, "nothing speaks against a class"

    def test_images_of_the_command_line_go_first(self, digits: ClassificationRun) -> None:
        run = replace(digits, selected=replace(by_index(digits, [7]), labels=None))
        (image, _) = pictures(attribution(run, methods=["saliency"], images=[3, 5]))
        np.testing.assert_array_equal(image[..., 0], 255 - digits.images[7, ..., 0])


class TestExcitingImages:
    def test_each_row_has_the_images_that_were_found(self, digits: ClassificationRun) -> None:
        assert digits.train is not None
        images = digits.train.images[:300]
        figure = exciting(digits, layer="second", units=[4], count=3, searched=300, steps=1)
        found = exciting_images(digits.model, "second", images, [4], 3)
        for shown, index in zip(pictures(figure)[1:], found.indices[0], strict=True):
            np.testing.assert_array_equal(shown[..., 0], 255 - images[index, ..., 0])
        frames = [axes.patches[0] for axes in figure.axes if axes.patches]
        sides = [(patch.get_width(), patch.get_height()) for patch in frames]
        assert len(sides) == 3
        assert set(sides) <= {(side, other) for side in range(8, 17) for other in range(8, 17)}

    def test_neurons_have_no_frames(self, digits: ClassificationRun) -> None:
        figure = exciting(digits, layer="hidden", units=[0, 1], count=2, searched=50, steps=1)
        assert not any(axes.patches for axes in figure.axes)


class TestNearestTraining:
    def test_an_error_that_was_trained_on_is_its_own_neighbor(
        self, digits: ClassificationRun
    ) -> None:
        wrong = np.flatnonzero(digits.predictions != digits.labels)
        first = wrong[np.argsort(-digits.probabilities[wrong].max(axis=1), kind="stable")][0]
        train = TrainSplit(digits.images[[5, first, 9]], digits.labels[[5, first, 9]])
        run = replace(digits, train=train)
        (sheet,) = nearest_training(run, count=2).findobj(lambda one: hasattr(one, "picture"))
        layout = arrange((28, 28), 24 * ["0 (#0000)\n→ 0 (0.00)"], 3)
        step = layout.width // 28
        row = [sheet.picture[y : y + layout.height, x : x + layout.width, 0]
               for x, y in map(layout.corner, range(2))]  # fmt: skip
        framed, nearest = (each[4:-4][::step] for each in row)
        np.testing.assert_array_equal(framed[:, 4:-4], nearest[:, 4:-4])
        assert (row[0] != row[1]).any(), "the test image has no frame"

    def test_without_an_error_there_is_none(self, digits: ClassificationRun) -> None:
        assert nearest_training(replace(digits, labels=digits.predictions), searched=10) is None


class TestConfusedPairs:
    def test_pairs_are_the_largest_cells_beside_the_diagonal(
        self, digits: ClassificationRun
    ) -> None:
        counts = count_confusions(digits)
        np.fill_diagonal(counts, 0)
        pairs = most_confused(digits, 5)
        assert [len(pair.images) for pair in pairs] == np.sort(counts, axis=None)[:-6:-1].tolist()
        for pair in pairs:
            assert set(digits.labels[pair.images]) == {pair.true}
            assert set(digits.predictions[pair.images]) == {pair.given}
            confidence = digits.probabilities[pair.images, pair.given]
            assert (np.diff(confidence) <= 0).all()
            assert pair.share == len(pair.images) / (digits.labels == pair.true).sum()

    def test_without_an_error_there_is_none(self, digits: ClassificationRun) -> None:
        assert confused_pairs(replace(digits, labels=digits.predictions)) is None

    def test_a_table_has_bars_without_examples(
        self, digits: ClassificationRun, overhang: Callable[[Figure], float]
    ) -> None:
        figure = confused_pairs(replace(digits, images=np.zeros((10_000, 3), np.float32)))
        assert pictures(figure) == []
        assert overhang(figure) < 0.02


class TestWrongInSeeds:
    def test_images_are_counted_by_hand(self) -> None:
        labels = np.array([0, 0, 1, 1])
        given = [[0, 1, 2, 0], [0, 2, 2, 1], [0, 1, 2, 1]]  # of three seeds
        errors = count_errors(np.eye(3, dtype=np.float32)[given], labels)
        assert errors.wrong.tolist() == [0, 3, 3, 1]
        assert errors.agreeing.tolist() == [0, 2, 3, 1]
        assert errors.given[1:].tolist() == [1, 2, 0]
        assert errors.confidence[1:] == pytest.approx([2 / 3, 1, 1 / 3])
        rates = np.array([3, 2, 2]) / 4
        assert errors.chance[3] == pytest.approx(4 * rates.prod())
        assert errors.chance.sum() == pytest.approx(4)

    def test_planted_label_errors_are_framed_and_hard_images_are_not(
        self, digits: ClassificationRun
    ) -> None:
        right = digits.predictions == digits.labels
        sure = np.flatnonzero(right & (digits.probabilities.max(axis=1) > 0.999))[:500:10]
        labels = digits.labels.copy()
        labels[sure] = (labels[sure] + 1) % 10
        noisy = [np.roll(digits.probabilities, 0, axis=1) for _ in range(4)]
        hard = np.flatnonzero(~right)
        for seed, probabilities in enumerate(noisy):  # each is wrong in its own way
            probabilities[hard] = np.eye(10)[(digits.labels[hard] + 1 + seed) % 10]
        errors = count_errors(np.stack(noisy), labels)
        assert set(np.flatnonzero(errors.mislabeled)) == set(sure)
        assert (errors.wrong[hard] == 4).all()

    def test_bars_count_the_images_of_all_seeds(self, two_seeds: ClassificationRun) -> None:
        counts, _ = wrong_in_seeds(two_seeds)
        heights = [bar.get_height() for bar in counts.axes[0].containers[0]]
        wrong = two_seeds.predictions != two_seeds.labels
        assert heights[1] >= wrong[1000:].sum()
        assert sum(heights) == wrong.sum() + 1000 - wrong[:1000].sum()

    def test_one_seed_alone_has_none(self, digits: ClassificationRun) -> None:
        assert wrong_in_seeds(digits) is None
