"""Predicted against true numbers of a regression, with residuals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import RegressionValues
from runner.base.language import number_format
from runner.base.option_types import Language, Natural
from runner.figures.canvas import chart, styled
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import ClassificationRun, RegressionRun
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pair = tuple[RegressionValues, RegressionValues]
"""True and predicted, each [n, outputs]."""

TEXTS: Texts = {
    "Predicted against true numbers": "Números previstos e verdadeiros",
    "predicted": "previsto",
    "true value": "valor verdadeiro",
    "predicted - true": "previsto - verdadeiro",
}


@made_for("numbers")
def predicted_against_true(
    run: ClassificationRun | RegressionRun, *, training_rows: Natural
) -> Figure | None:
    """Draw each output against the truth, with residuals; None of a classification.

    Args:
        run: the finished run.
        training_rows: of the rows trained on, so many are drawn too.
    """
    if not isinstance(run, RegressionRun):
        return None
    kinds = {"test": (run.targets, run.predictions)}
    if run.train is not None and training_rows:
        rows = slice(training_rows)
        predicted = run.model.predict(run.train.images[rows], batch_size=1000, verbose=0)
        kinds = {"training": (run.train.numbers[rows], np.asarray(predicted))} | kinds
    return draw_predicted_against_true(kinds, run.output_names, language=run.language)


@styled()
def draw_predicted_against_true(
    kinds: dict[str, Pair], names: list[str], *, language: Language = "en"
) -> Figure:
    """Draw true and predicted numbers by kind of rows: `training`, `test`."""
    translate = translator(language, TEXTS)
    title = translate("Predicted against true numbers")
    figure = chart(max(5.5, 3.4 * len(names) + 0.6), 5.4, title)
    rows = figure.subplots(2, len(names), sharex="col", squeeze=False, height_ratios=[2.2, 1])
    for column, name in enumerate(names):
        above, below = rows[:, column]
        for kind, (true, predicted) in kinds.items():
            x, y = true[:, column], predicted[:, column]
            above.plot(x, y, label=translate(kind), **_style(kind))
            below.plot(x, y - x, **_style(kind))
        low, high = _ends([pair[0][:, column] for pair in kinds.values()])
        above.plot([low, high], [low, high], color="black", ls=":", lw=1, marker="")
        below.axhline(0, color="black", ls=":", lw=1)
        deviation = _rmse(kinds["test"], column)
        rmse = translate.number(deviation, number_format(deviation, 3))
        above.set_title(f"{name}: RMSE {rmse}")
        below.set_xlabel(f"{name}: {translate('true value')}")
    rows[0, 0].set_ylabel(translate("predicted"))
    rows[1, 0].set_ylabel(translate("predicted - true"))
    rows[0, 0].legend(loc="upper left")
    return write_ticks(figure, language)


def _style(kind: str) -> dict[str, Any]:
    """Return filled dots for test rows, and rings for rows trained on."""
    if kind == "test":
        return {"ls": "", "marker": "o", "markersize": 4, "alpha": 0.8}
    return {"ls": "", "marker": "o", "markersize": 7, "alpha": 0.8, "markerfacecolor": "none"}


def _ends(true: list[NDArray[np.float32]]) -> tuple[float, float]:
    values = np.concatenate(true)
    return float(values.min()), float(values.max())


def _rmse(pair: Pair, column: int) -> float:
    true, predicted = (values[:, column].astype(np.float64) for values in pair)
    return float(np.sqrt(np.mean((true - predicted) ** 2)))
