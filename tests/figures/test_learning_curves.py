"""Learning curves: the history of a training, its best epoch, its learning rate."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from figures.configured import Configured, drawn
from runner.figures.finished_run import (
    ClassificationRun,
    RegressionRun,
)
from runner.figures.learning_curves import draw_learning_curves, learning_curves

Render = Callable[[Figure], NDArray[np.uint8]]


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


@pytest.mark.parametrize(("low", "high"), [(38.0, 160.0), (0.002, 30.0), (5.0, 5.0)])
def test_errors_of_numbers_are_written_without_powers_of_ten(low: float, high: float) -> None:
    errors = np.geomspace(high, low, 5).tolist()
    history = {"loss": [1.0] * 5, "mean_absolute_error": errors, "val_mean_absolute_error": errors}
    figure = draw_learning_curves(history)
    assert figure is not None
    figure.canvas.draw()
    axis = figure.axes[1].yaxis
    bottom, top = figure.axes[1].get_ylim()
    ticks = [*zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)]
    ticks += zip(axis.get_minorticklocs(), axis.get_minorticklabels(), strict=True)
    written = [text.get_text() for at, text in ticks if bottom <= at <= top and text.get_text()]
    assert len(written) >= 2
    assert not [text for text in written if "^" in text or "times" in text]


def heights(axes: Axes, line: int) -> list[float]:
    return [float(y) for y in np.asarray(axes.lines[line].get_ydata())]


def test_plots_the_history(digits: ClassificationRun) -> None:
    figure = learning_curves(digits)
    assert figure is not None
    loss, error = figure.axes
    assert heights(loss, 0) == pytest.approx(digits.history["loss"])
    assert heights(loss, 1) == pytest.approx(digits.history["val_loss"])
    validation = 100 * (1 - np.array(digits.history["val_accuracy"]))
    assert heights(error, 1) == pytest.approx(validation)
    assert error.get_yscale() == "log"


def test_a_rate_that_changes_has_a_low_panel_and_a_constant_one_a_line() -> None:
    losses: dict[str, list[float]] = {"loss": [1.0, 0.5, 0.4]}
    constant = draw_learning_curves(losses | {"learning_rate": [1e-3] * 3}, language="pt")
    falling = draw_learning_curves(losses | {"learning_rate": [1e-3, 5e-4, 1e-4]})
    assert constant is not None
    assert falling is not None
    assert [len(figure.axes) for figure in (constant, falling)] == [1, 2]
    assert constant.texts[1].get_text() == "taxa de aprendizado 0,001, sempre"
    loss, rate = falling.axes
    assert heights(rate, 0) == [1e-3, 5e-4, 1e-4]
    assert rate.get_position().height < 0.6 * loss.get_position().height


def test_epochs_without_any_error_are_drawn_at_nought() -> None:
    figure = draw_learning_curves({"accuracy": [0.5, 1.0, 0.99, 1.0]})
    assert figure is not None
    (error,) = figure.axes
    assert heights(error, 0) == pytest.approx([50, 0, 1, 0])
    assert error.get_yscale() == "symlog"
    assert error.get_ylim()[0] == 0


def test_marks_the_best_epoch() -> None:
    history = {"accuracy": [0.9, 0.95, 0.99], "val_accuracy": [0.91, 0.94, 0.93]}
    figure = draw_learning_curves(history)
    assert figure is not None
    labels = [line.get_label() for line in figure.axes[0].lines]
    assert labels[-1] == "best epoch 2: 6.00 % error"


@pytest.mark.filterwarnings("error")
def test_a_perfect_single_epoch_without_validation(pixels: Render) -> None:
    figure = draw_learning_curves({"loss": [0.0], "accuracy": [1.0]})
    assert figure is not None
    assert len(figure.axes) == 2
    assert pixels(figure).std() > 5


def test_without_history_there_is_none(digits: ClassificationRun) -> None:
    assert learning_curves(replace(digits, history={})) is None
