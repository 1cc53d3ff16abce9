"""What every figure of the configuration promises, and which runs it fits."""

from collections.abc import Callable
from dataclasses import fields, replace
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from figures.configured import NAMES, Configured
from figures.planes import network, recorded
from figures.planes import run as of_plane
from runner.base.option_types import Language
from runner.config.component import Component
from runner.figures.confusion_matrix import confusion_matrix
from runner.figures.figure_declarations import applies_to
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import ClassificationRun, FinishedRun, LabelRun, RegressionRun

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
