"""Learning curves: loss, error and learning rate over the epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib
from runner.base.option_types import Language
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import of_results_alone
from runner.figures.finished_run import FinishedRun
from runner.figures.tick_numbers import plain_ticks, write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Series = list[float] | NDArray[np.float64]

TEXTS: Texts = {
    "mean absolute error": "erro absoluto médio",
    "Learning curves": "Curvas de aprendizado",
    "loss": "perda",
    "learning rate": "taxa de aprendizado",
    "best epoch {epoch}: {error:.2f} % error": "melhor época {epoch}: {error:.2f} % de erro",
    "fine-tuning": "ajuste fino",
    "learning rate {rate:g} throughout": "taxa de aprendizado {rate:g}, sempre",
}


@of_results_alone
def learning_curves(run: FinishedRun) -> Figure | None:
    """Draw how training went; None without a history."""
    return draw_learning_curves(run.history, language=run.language)


@styled()
def draw_learning_curves(
    history: dict[str, list[float]], *, language: Language = "en"
) -> Figure | None:
    """Draw loss, error and learning rate; `history` as in `FinishedRun`.

    A learning rate that never changes stands in the subtitle.
    """
    panels = [name for name in _PANELS if history.get(name)]
    if not panels:
        return None
    translate = translator(language, TEXTS)
    rates, subtitle = history.get("learning_rate", []), ""
    if min(rates, default=0) == max(rates, default=1) and len(panels) > 1:
        panels.remove("learning_rate")
        subtitle = translate("learning rate {rate:g} throughout", rate=rates[0])
    heights = [_HEIGHTS.get(name, 2.3) for name in panels]
    figure = chart(8, 1 + sum(heights), translate("Learning curves"), subtitle)
    rows = figure.subplots(
        len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )[:, 0]
    for axes, name in zip(rows, panels, strict=True):
        _PANELS[name](axes, history, language)
    _mark_stages(rows, history, translate("fine-tuning"))
    rows[-1].set_xlabel(translate("epoch"))
    rows[-1].xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True, min_n_ticks=1))
    return write_ticks(figure, language)


def _mark_stages(rows: NDArray[Any], history: dict[str, list[float]], label: str) -> None:
    """Draw a line before the first epoch of each stage but the first."""
    changes = 1 + np.flatnonzero(np.diff(history.get("stage", [])))
    for axes in rows:
        for epoch in changes:
            axes.axvline(epoch + 0.5, color="0.4", ls="--", lw=1.2, label=label)
    if len(changes):
        _legend(rows[0])


def _draw_loss(axes: Axes, history: dict[str, list[float]], language: Language) -> None:
    _plot(axes, history["loss"], history.get("val_loss"), language)
    translate = translator(language, TEXTS)
    axes.set_ylabel(translate("loss"))
    _legend(axes)


def _draw_error(axes: Axes, history: dict[str, list[float]], language: Language) -> None:
    """Draw 1 - accuracy in per cent, on an axis that is logarithmic above the least error."""
    translate = translator(language, TEXTS)
    train = 100 * (1 - np.asarray(history["accuracy"]))
    validation = 100 * (1 - np.asarray(history.get("val_accuracy", [])))
    _plot(axes, train, validation, language)
    axes.set_ylabel(translate("error / %"))
    _scale(axes, np.concatenate([train, validation]))
    if len(validation):
        best = int(validation.argmin())
        label = translate(
            "best epoch {epoch}: {error:.2f} % error", epoch=best + 1, error=validation[best]
        )
        axes.axvline(best + 1, color="black", ls=":", lw=1.2, label=label)
    _legend(axes)


def _scale(axes: Axes, errors: NDArray[np.float64]) -> None:
    """Make an axis of errors logarithmic; where some are 0, down to the least other one."""
    if not (errors > 0).any():
        return
    low = errors[errors > 0].min()
    if (errors == 0).any():
        axes.set_yscale("symlog", linthresh=low)
        axes.set_ylim(bottom=0)
    else:
        axes.set_yscale("log")
    plain_ticks(axes, errors)


def _draw_deviation(axes: Axes, history: dict[str, list[float]], language: Language) -> None:
    """Draw the mean absolute error, on a logarithmic axis."""
    name = "mean_absolute_error"
    train, validation = (np.asarray(history.get(key, [])) for key in (name, f"val_{name}"))
    _plot(axes, _above_zero(train), _above_zero(validation), language)
    translate = translator(language, TEXTS)
    axes.set_ylabel(translate("mean absolute error"))
    if (train > 0).any():
        axes.set_yscale("log")
        plain_ticks(axes, np.concatenate([train, validation]))
    _legend(axes)


def _draw_learning_rate(axes: Axes, history: dict[str, list[float]], language: Language) -> None:
    rates = history["learning_rate"]
    axes.plot(range(1, len(rates) + 1), rates, color="black", ls="-", marker=_marker(rates))
    axes.set_ylim(0, 1.1 * max(rates))
    translate = translator(language, TEXTS)
    axes.set_ylabel(translate("learning rate"))


_PANELS = {
    "loss": _draw_loss,
    "accuracy": _draw_error,
    "mean_absolute_error": _draw_deviation,
    "learning_rate": _draw_learning_rate,
}
_HEIGHTS = {"learning_rate": 1.3}
"""Of panels that are lower than others, in inches."""


def _plot(axes: Axes, train: Series, validation: Series | None, language: Language) -> None:
    translate = translator(language, TEXTS)
    for values, label in ((train, "training"), (validation, "validation")):
        if values is not None and len(values):
            epochs = range(1, len(values) + 1)
            axes.plot(epochs, values, marker=_marker(values), label=translate(label))


def _legend(axes: Axes) -> None:
    """Put the legend above the axes, where no curve is."""
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=3, borderaxespad=0)


def _marker(values: Series) -> str:
    return "o" if len(values) <= 40 else ""  # noqa: PLR2004


def _above_zero(error: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(error > 0, error, np.nan)
