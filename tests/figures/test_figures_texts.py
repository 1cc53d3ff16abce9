"""Figures that are written as text too: predictions and environment."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from figures.configured import Configured
from runner.base import console
from runner.base.text_table import probability_text
from runner.config.component import OptionsError, parse_component
from runner.config.groups import FIGURES
from runner.figures.environment_table import environment
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import ClassificationRun
from runner.figures.prediction_table import write_predictions

predictions = Configured("predictions")


def test_predictions_are_rows_of_probabilities_beside_true_labels(
    digits: ClassificationRun,
) -> None:
    said, blank, head, *lines = write_predictions(digits, 12).splitlines()
    wrong = (digits.predictions != digits.labels).sum()
    assert said.startswith(f"{wrong} of 10,000 test images misclassified")
    assert blank == ""
    assert head.split() == ["#", "true", "given", *"0123456789"]
    rows = np.array([line.split() for line in lines], float)
    np.testing.assert_array_equal(rows[:, 0], range(12))
    np.testing.assert_array_equal(rows[:, 1], digits.labels[:12])
    np.testing.assert_array_equal(rows[:, 2], digits.predictions[:12])
    np.testing.assert_allclose(rows[:, 3:], digits.probabilities[:12], atol=5.1e-4)


def test_wrong_predictions_are_colored(digits: ClassificationRun) -> None:
    guesses = digits.probabilities[:3].copy()
    guesses[1] = np.roll(guesses[1], 1)
    drawn, _ = predictions(replace(digits, probabilities=guesses, labels=digits.labels[:3]))
    words = [text for axes in drawn.axes for text in axes.texts if text.get_color() == "#D55E00"]
    assert [text.get_text() for text in words] == ["1", "2", "3"]  # number, true and given class


def test_predictions_of_two_classes_and_of_a_table(five_or_six: ClassificationRun) -> None:
    assert "0.5" not in write_predictions(five_or_six, 1).splitlines()[2]
    table = replace(five_or_six, images=np.zeros((len(five_or_six.labels), 4), np.float32))
    drawn, _ = predictions(table, count=4)
    assert not any(axes.images for axes in drawn.axes)


def test_the_environment_is_that_of_the_run(digits: ClassificationRun) -> None:
    drawn = environment(replace(digits, environment={"tensorflow": "2.21.0", "gpu": "none"}))
    assert drawn is not None
    figure, text = drawn
    assert text.splitlines() == ["tensorflow  2.21.0", "gpu         none"]
    assert {"tensorflow", "2.21.0", "gpu", "none"} <= {t.get_text() for t in figure.texts}
    assert environment(replace(digits, environment={})) is None


def test_forms_of_one_figure_share_its_name(tmp_path: Path) -> None:
    written = save_figure((Figure(), "text"), tmp_path / "name")
    assert [path.name for path in written] == ["name.png", "name.txt"]


@pytest.mark.parametrize(
    ("width", "terminal", "shown"), [(99, True, 1), (100, True, 2), (80, False, 2)]
)
def test_a_text_too_wide_for_the_terminal_shows_its_first_line(
    width: int, terminal: bool, shown: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["12 of 100 wrong", "x" * 100]
    (tmp_path / "text.txt").write_text("\n".join(lines))
    printed = StringIO()
    own = Console(file=printed, width=width, force_terminal=terminal, color_system=None)
    monkeypatch.setattr(console, "console", own)
    console.show_text(tmp_path / "text.txt")
    assert printed.getvalue().splitlines() == lines[:shown]


@pytest.mark.parametrize("interval", [[0.2, 0.1], [0.1], [0.1, 0.1]])
def test_an_interval_that_does_not_rise_is_refused(
    interval: list[float], configure: Callable[..., object]
) -> None:
    node = {"_target_": "runner.figures.filters.first_filters", "interval": interval}
    with pytest.raises(OptionsError, match="the lower number first"):
        parse_component(node, FIGURES)


def test_the_summary_counts_the_network_without_its_optimizer(digits: ClassificationRun) -> None:
    text = Configured("architecture-summary")(digits)
    assert digits.model.optimizer.variables  # Keras would count these too
    assert f"Total params: {digits.model.count_params():,} " in text
    assert "Optimizer" not in text


def test_small_probabilities_are_readable(digits: ClassificationRun) -> None:
    assert [probability_text(p) for p in (0.9996, 0.0005, 0.000499, 3.2e-11, 0.0)] == [
        *("1.000", "0.001", "5e-04", "3e-11", "0.000")
    ]
    probabilities = np.zeros((1, 10), np.float32)
    probabilities[0, :2] = 1, 2e-7
    run = replace(
        digits, probabilities=probabilities, labels=np.zeros(1, np.int64), images=digits.images[:1]
    )
    assert write_predictions(run, 1).splitlines()[-1].split()[3:5] == ["1.000", "2e-07"]
