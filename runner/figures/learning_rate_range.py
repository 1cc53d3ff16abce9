"""The loss of a training whose learning rate rises, and the rates that it suggests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import scipy
from runner.base.option_types import Language
from runner.figures.canvas import chart, styled
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH = 0.08
"""Standard deviation of the smoothing, in powers of ten of the learning rate."""
_FEWEST, _LONGEST = 5, 60

TEXTS: Texts = {
    "Learning-rate range test": "Teste da faixa da taxa de aprendizado",
    "loss of {steps} steps each": "perda de {steps} passos cada",
    "smoothed": "suavizada",
    "learning rate": "taxa de aprendizado",
    "loss": "perda",
    "steepest descent: {rate}": "descida mais íngreme: {rate}",
    "diverges from {rate} on": "diverge a partir de {rate}",
    "a tenth of where it diverges: {rate}": "um décimo da taxa de divergência: {rate}",
}


@dataclass(frozen=True)
class LearningRates:
    """What a range test suggests.

    Attributes:
        smoothed: loss at each rate, float64 [n].
        steepest: rate at which the loss falls most for a factor of the rate; None where it does
            not fall.
        diverging: rate from which on the loss has lost half of what it had gained; None where it
            does not come to that.
    """

    smoothed: NDArray[np.float64]
    steepest: float | None
    diverging: float | None

    @property
    def cautious(self) -> float | None:
        """A tenth of the rate from which on training diverges."""
        return None if self.diverging is None else self.diverging / 10


def suggest_rates(rates: NDArray[np.float64], losses: NDArray[np.float64]) -> LearningRates:
    """Find the rate of steepest descent, and that from which on training diverges.

    Args:
        rates: rising by the same factor from one to the next, [n].
        losses: at these rates, [n], finite.
    """
    if len(rates) < _FEWEST:
        return LearningRates(losses, None, None)
    step = float(np.log10(rates[-1] / rates[0])) / (len(rates) - 1)
    first = float(np.median(losses[:_FEWEST]))
    capped = np.minimum(losses, 2 * abs(first))  # or one huge loss would reach far to the left
    smoothed = scipy.ndimage.gaussian_filter1d(capped, _WIDTH / step, mode="nearest")
    best = int(smoothed.argmin())
    gain = first - smoothed[best]
    margin = max(gain / 2, 0.2 * abs(first))
    above = np.flatnonzero(smoothed[best:] > smoothed[best] + margin)
    diverging = float(rates[best + above[0]]) if len(above) else None
    falling = np.gradient(smoothed)[: best + 1]
    fell = best > 0 and gain > 0.02 * abs(first)
    return LearningRates(smoothed, float(rates[falling.argmin()]) if fell else None, diverging)


@styled()
def draw_range(
    rates: NDArray[np.float64],
    losses: NDArray[np.float64],
    found: LearningRates,
    steps: int,
    *,
    title: str = "",
    language: Language = "en",
) -> Figure:
    """Draw the loss against the learning rate, and the suggested rates as lines.

    Args:
        rates: [n].
        losses: [n].
        found: what they suggest.
        steps: that each loss is the mean of.
        title: of what was trained, below that of the figure.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    shown = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
    figure = chart(7, 4.4, translate("Learning-rate range test"), shown)
    axes = figure.subplots()
    label = translate("loss of {steps} steps each").format(steps=steps)
    axes.plot(rates, losses, ".", color="0.65", label=label)
    axes.plot(rates, found.smoothed, color="#0072B2", ls="-", label=translate("smoothed"))
    marks = [
        (found.steepest, translate("steepest descent: {rate}"), "#009E73", "--"),
        (found.cautious, translate("a tenth of where it diverges: {rate}"), "#D55E00", "-."),
        (found.diverging, translate("diverges from {rate} on"), "black", ":"),
    ]
    for rate, text, color, style in marks:
        if rate is not None:
            axes.axvline(
                rate, color=color, ls=style, label=text.format(rate=translate.number(rate, ".1e"))
            )
    top = float(np.median(losses[:_FEWEST]))
    axes.set_ylim(0, 1.6 * max(top, float(found.smoothed.min())))
    axes.set_xscale("log")
    axes.set_xlabel(translate("learning rate"))
    axes.set_ylabel(translate("loss"))
    axes.legend(loc="lower left")
    return write_ticks(figure, language)
