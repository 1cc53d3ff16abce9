"""What every figure promises, and what those of every run show."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, roc_auc_score

from figures.configured import NAMES, Configured, drawn
from figures.planes import network, recorded
from figures.planes import run as of_plane
from runner.base.option_types import Language
from runner.config.component import Component
from runner.evaluation.binary_metrics import measure_binary
from runner.evaluation.predictions import positive_scores
from runner.figures.confusion_matrix import confusion_matrix
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import (
    ClassificationRun,
    FinishedRun,
    LabelRun,
    RegressionRun,
    applies_to,
)
from runner.figures.learning_curves import draw_learning_curves, learning_curves
from runner.figures.roc import at_equal_error, at_half, draw_roc, roc

Render = Callable[[Figure], NDArray[np.uint8]]
activation_maximization = Configured("activation-maximization")
first_test_images = Configured("first-test-images")
hardest_images = Configured("hardest-images")
label_errors = Configured("label-errors")
misclassified = Configured("misclassified")

LESS = {
    "exciting-images": {"steps": 5, "searched": 500},
    "filter-kinds": {"limit": 12, "shuffles": 1},
}
"""Options that leave a figure its form, and take less to compute."""


def first(run: ClassificationRun, count: int) -> ClassificationRun:
    images, labels = run.images[:count], run.labels[:count]
    return replace(run, images=images, labels=labels, probabilities=run.probabilities[:count])


def flat(drawing: Any) -> list[Any]:
    forms = drawing if isinstance(drawing, list | tuple) else [drawing]
    return [form for form in forms if form is not None]


def two_labels(digits: ClassificationRun) -> LabelRun:
    """Whether a digit is odd, and whether it is above 4."""
    odd, large = np.array([[number % 2, number > 4] for number in range(10)]).T
    truth = np.stack([odd[digits.labels], large[digits.labels]], axis=1)
    chances = np.stack([digits.probabilities @ odd, digits.probabilities @ large], axis=1)
    return LabelRun(
        model=digits.model,
        images=digits.images,
        labels=truth,
        probabilities=chances.astype(np.float32),
        label_names=["odd", "above 4"],
    )


@pytest.mark.parametrize("language", ["en", "pt"])
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_the_configuration_is_drawn_whole(  # noqa: PLR0917
    name: str,
    language: Language,
    digits: ClassificationRun,
    five_or_six: ClassificationRun,
    two_seeds: ClassificationRun,
    numbers: RegressionRun,
    overhang: Callable[[Figure], float],
    tmp_path: Path,
) -> None:
    runs: dict[str, FinishedRun] = {"roc": five_or_six, "predicted-against-true": numbers}
    runs |= {"label-confusion": two_labels(digits), "wrong-in-seeds": two_seeds}
    if name == "decision-regions":
        recorded(plane := network(), 3).save(tmp_path)
        runs[name] = of_plane(plane, tmp_path)
    run = runs.get(name, digits)
    assert applies_to(Configured(name).component(), run)
    if name == "embedding-t-sne":  # which is slow
        run = first(digits, 300)
    drawing = Configured(name)(replace(run, language=language), **LESS.get(name, {}))
    for figure in flat(drawing):
        if isinstance(figure, Figure):
            assert overhang(figure) < 0.02
    written = save_figure(drawing, tmp_path / name)
    assert written
    assert all(path.stat().st_size > 100 for path in written)
    pictures = [path for path in written if path.suffix == ".png"]
    assert len(pictures) == sum(isinstance(figure, Figure) for figure in flat(drawing))
    for path in pictures:
        assert 255 * imread(path)[..., :3].std() > 5, "the figure is blank"


@pytest.mark.parametrize("name", NAMES)
def test_the_default_of_an_option_stands_in_its_yaml_file_alone(name: str) -> None:
    figure = Configured(name)
    parameters = signature(figure.component().function).parameters
    for option in figure.listed:
        assert parameters[option].default is Parameter.empty, option
        assert parameters[option].kind is Parameter.KEYWORD_ONLY


def test_learning_curves_of_numbers_show_their_error(
    numbers: RegressionRun, overhang: Callable[[Figure], float]
) -> None:
    figure = drawn(Configured("learning-curves")(replace(numbers, language="pt")))
    _, deviation = figure.axes
    assert deviation.get_ylabel() == "erro absoluto médio"
    shown = {line.get_label(): np.asarray(line.get_ydata()) for line in deviation.lines}
    assert set(shown) == {"treino", "validação"}
    np.testing.assert_allclose(shown["validação"], numbers.history["val_mean_absolute_error"])
    assert overhang(figure) < 0.02


@pytest.mark.parametrize("name", ["confusion-matrix", "roc", "misclassified", "class-activation"])
def test_figures_of_classes_do_not_fit_numbers(name: str, numbers: RegressionRun) -> None:
    assert not applies_to(Configured(name).component(), numbers)


def test_a_figure_without_annotations_applies_to_every_run(
    numbers: RegressionRun, digits: ClassificationRun
) -> None:
    def own(run, *, digits: int = 2):  # type: ignore[no-untyped-def]
        return f"{len(run.images):.{digits}f}"

    assert applies_to(Component(own, {}), numbers)
    assert applies_to(Component(own, {}), digits)


@pytest.mark.parametrize("name", NAMES)
def test_without_test_images_figures_of_the_network_and_its_training_fit(
    name: str, digits: ClassificationRun, tmp_path: Path
) -> None:
    seen = {field.name: getattr(digits, field.name) for field in fields(FinishedRun)}
    run = FinishedRun(**seen | {"images": digits.images[:0]})
    ours = {"architecture", "architecture-summary", "environment", "learning-curves"}
    ours |= {"training-health"}
    ours |= {name for name in NAMES if "filter" in name}
    assert applies_to(Configured(name).component(), run) is (name in ours)
    if name in ours:
        assert save_figure(Configured(name)(run, **LESS.get(name, {})), tmp_path / name)


def test_figures_of_pictures_leave_tables_out(digits: ClassificationRun) -> None:
    table = replace(digits, images=digits.images[:, 14, :, 0].astype(np.float32))
    assert misclassified(table) is None
    assert first_test_images(table) is None
    assert hardest_images(table) is None
    assert label_errors(table) is None
    assert activation_maximization(table) is None
    for name in ("attribution", "exciting-images", "nearest-training"):
        assert Configured(name)(table) is None
    assert confusion_matrix(table).axes


class TestConfusionMatrix:
    def test_shows_counts_and_rates(self, digits: ClassificationRun) -> None:
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

    def test_all_images_are_counted(self, digits: ClassificationRun) -> None:
        texts = [t.get_text().strip() for t in confusion_matrix(digits).axes[0].texts]
        assert sum(int(text) for text in texts if "%" not in text) == 10_000

    def test_a_class_without_images_is_an_empty_row(self, digits: ClassificationRun) -> None:
        few = first(digits, 3)
        (picture,) = confusion_matrix(few).axes[0].images
        shown = picture.get_array()
        assert shown is not None
        assert shown.sum() == pytest.approx(100 * len(set(few.labels.tolist())))


def heights(axes: Axes, line: int) -> list[float]:
    return [float(y) for y in np.asarray(axes.lines[line].get_ydata())]


class TestLearningCurves:
    def test_plots_the_history(self, digits: ClassificationRun) -> None:
        figure = learning_curves(digits)
        assert figure is not None
        loss, error = figure.axes
        assert heights(loss, 0) == pytest.approx(digits.history["loss"])
        assert heights(loss, 1) == pytest.approx(digits.history["val_loss"])
        validation = 100 * (1 - np.array(digits.history["val_accuracy"]))
        assert heights(error, 1) == pytest.approx(validation)
        assert error.get_yscale() == "log"

    def test_a_rate_that_changes_has_a_low_panel_and_a_constant_one_a_line(self) -> None:
        losses: dict[str, list[float]] = {"loss": [1.0, 0.5, 0.4]}
        constant = draw_learning_curves(losses | {"learning_rate": [1e-3] * 3}, language="pt")
        falling = draw_learning_curves(losses | {"learning_rate": [1e-3, 5e-4, 1e-4]})
        assert constant is not None
        assert falling is not None
        assert [len(figure.axes) for figure in (constant, falling)] == [1, 2]
        assert constant.texts[1].get_text() == "taxa de aprendizagem 0,001, sempre"
        loss, rate = falling.axes
        assert heights(rate, 0) == [1e-3, 5e-4, 1e-4]
        assert rate.get_position().height < 0.6 * loss.get_position().height

    def test_epochs_without_any_error_are_drawn_at_nought(self) -> None:
        figure = draw_learning_curves({"accuracy": [0.5, 1.0, 0.99, 1.0]})
        assert figure is not None
        (error,) = figure.axes
        assert heights(error, 0) == pytest.approx([50, 0, 1, 0])
        assert error.get_yscale() == "symlog"
        assert error.get_ylim()[0] == 0

    def test_marks_the_best_epoch(self) -> None:
        history = {"accuracy": [0.9, 0.95, 0.99], "val_accuracy": [0.91, 0.94, 0.93]}
        figure = draw_learning_curves(history)
        assert figure is not None
        labels = [line.get_label() for line in figure.axes[0].lines]
        assert labels[-1] == "best epoch 2: 6.00 % error"

    @pytest.mark.filterwarnings("error")
    def test_a_perfect_single_epoch_without_validation(self, pixels: Render) -> None:
        figure = draw_learning_curves({"loss": [0.0], "accuracy": [1.0]})
        assert figure is not None
        assert len(figure.axes) == 2
        assert pixels(figure).std() > 5

    def test_without_history_there_is_none(self, digits: ClassificationRun) -> None:
        assert learning_curves(replace(digits, history={})) is None


class TestRoc:
    def test_points_are_those_of_the_predictions(self, five_or_six: ClassificationRun) -> None:
        labels, scores = five_or_six.labels, positive_scores(five_or_six.probabilities)
        half = at_half(labels, scores)
        positives, negatives = int(labels.sum()), int((1 - labels).sum())
        right = half.true_positive * positives + (1 - half.false_positive) * negatives
        accuracy = accuracy_score(labels, five_or_six.predictions)
        assert right / len(labels) == pytest.approx(accuracy)
        equal = at_equal_error(labels, scores)
        gaps = [
            abs((scores[labels == 0] >= score).mean() - (scores[labels == 1] < score).mean())
            for score in scores
        ]
        gap = abs(equal.false_positive - (1 - equal.true_positive))
        assert gap == pytest.approx(min(gaps))
        assert gap < 2 / len(labels)
        assert 0 < equal.false_positive < 0.1

    def test_the_equal_error_is_that_of_the_report(self, five_or_six: ClassificationRun) -> None:
        report = measure_binary(five_or_six.labels, five_or_six.probabilities)
        scores = positive_scores(five_or_six.probabilities)
        equal = at_equal_error(five_or_six.labels, scores)
        assert equal.threshold == report.equal_error_threshold
        positives, negatives = int(five_or_six.labels.sum()), int((1 - five_or_six.labels).sum())
        right = equal.true_positive * positives + (1 - equal.false_positive) * negatives
        assert right / len(scores) == pytest.approx(report.equal_error_accuracy)
        figure = roc(five_or_six)
        assert isinstance(figure, Figure)
        (point,) = [
            line
            for line in figure.axes[0].lines
            if str(line.get_label()).startswith(f"equal error, threshold {equal.threshold:.3g}: ")
        ]
        assert np.ravel(point.get_xydata()) == pytest.approx(
            [100 * equal.false_positive, 100 * equal.true_positive]
        )

    def test_subtitle_gives_the_area(self, five_or_six: ClassificationRun) -> None:
        figure = roc(five_or_six)
        assert isinstance(figure, Figure)
        area = roc_auc_score(five_or_six.labels, five_or_six.probabilities[:, 1])
        assert f"(AUC) {area:.5f}" in figure.texts[1].get_text()

    def test_known_equal_error(self) -> None:
        labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
        scores = np.array([0.1, 0.2, 0.3, 0.8, 0.25, 0.7, 0.9, 0.95])
        equal = at_equal_error(labels, scores)
        assert (equal.false_positive, equal.true_positive) == (0.25, 0.75)
        assert equal.threshold == 0.7

    def test_perfect_and_useless_scores_are_drawn(self) -> None:
        labels = np.repeat([0, 1], 50)
        for scores in (labels.astype(np.float64), np.full(100, 0.5)):
            assert isinstance(draw_roc(labels, scores, "6"), Figure)

    def test_images_of_one_class_are_a_reason_not_to_draw(
        self, five_or_six: ClassificationRun
    ) -> None:
        labels = np.zeros_like(five_or_six.labels)
        sixes = replace(five_or_six, labels=labels, class_names=["5", "6"])
        assert roc(sixes) == "ROC curve not drawn: all test images show 5"
        said = roc(replace(sixes, language="pt"))
        assert said == "Curva ROC não desenhada: todas as imagens de teste mostram 5"

    def test_is_none_unless_there_are_two_classes(self, digits: ClassificationRun) -> None:
        assert roc(digits) is None


class TestSaving:
    def test_numbers_the_members_of_a_list(self, tmp_path: Path) -> None:
        written = save_figure([Figure(), "text", None], tmp_path / "new" / "several")
        assert [path.name for path in written] == ["several-1.png", "several-2.txt"]

    def test_nothing_is_written_for_none(self, tmp_path: Path) -> None:
        assert save_figure(None, tmp_path / "none") == []


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_vector_formats_hold_sheets_at_their_place_and_are_the_same_every_time(
    form: Any, digits: ClassificationRun, tmp_path: Path
) -> None:
    contents = []
    for name in ("a", "b"):
        sheet = drawn(misclassified(digits, limit=7))
        (path,) = save_figure(sheet, tmp_path / name / "misclassified", form)
        contents.append(path.read_bytes())
    assert path.suffix == f".{form}"
    assert contents[0] == contents[1]
    if form == "svg":
        width, height = sheet.get_size_inches() * 72
        (image,) = re.findall(rb"<image[^>]*>", contents[0], re.S)
        place = dict(re.findall(rb'([a-z]+)="([^"]*)"', image))
        across, _, _, down, left, bottom = map(float, re.findall(rb"[-.\d]+", place[b"transform"]))
        assert left == pytest.approx(0.15 * 72, abs=1)
        assert 0.5 * width < left + across * float(place[b"width"]) <= width
        assert 0 <= bottom + down * float(place[b"height"]) < bottom <= height
