"""The error of a sweep against the number of training images, with a power law through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import matplotlib
from runner.config.naming import short_key
from runner.figures.canvas import chart, styled
from runner.sweeps.report.sweep_table import JobRow, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = "dataset.train_size"
_FEWEST, _MOST_LINES = 3, 6
_MARKERS = "os^Dv<"


@dataclass(frozen=True)
class PowerLaw:
    """Errors that fall as scale * size ** -exponent, by least squares on logarithms.

    Attributes:
        scale: error at one image.
        exponent: positive where more images help.
        error: standard error of the exponent.
    """

    scale: float
    exponent: float
    error: float

    def __call__(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the errors at some sizes."""
        return self.scale * sizes**-self.exponent

    def sentence(self) -> str:
        """Return exponent and what twice the images are worth."""
        rest = 100 * (1 - 2**-self.exponent)
        exponent = f"{-self.exponent:.2f} ± {self.error:.2f}".replace("-", "\N{MINUS SIGN}")
        return f"error ∝ size^({exponent}); twice the images: {rest:.0f} % fewer errors"


def fit_power_law(sizes: NDArray[np.float64], errors: NDArray[np.float64]) -> PowerLaw | None:
    """Fit a power law to errors above 0; None for fewer than three sizes."""
    above = errors > 0
    if len(set(sizes[above].tolist())) < _FEWEST:
        return None
    x, y = np.log(sizes[above]), np.log(errors[above])
    slope, start = np.polyfit(x, y, 1)
    residuals = y - (slope * x + start)
    variance = residuals @ residuals / (len(x) - 2) / ((x - x.mean()) ** 2).sum()
    return PowerLaw(float(np.exp(start)), float(-slope), float(np.sqrt(variance)))


@styled()
def draw_sizes(table: Table, rows: list[JobRow], kind: str) -> Figure | None:
    """Draw error against size, both logarithmic, a line for each other choice; None of one size.

    Args:
        table: of the sweep.
        rows: its finished jobs, those without a size left out by the caller.
        kind: of error, test or validation.
    """
    groups = _groups(table, rows)
    if not groups:
        return None
    subtitle = "bars: ± one standard deviation over seeds; lines: power laws"
    title = f"{kind.capitalize()} {table.objective.title} against training images"
    figure = chart(6.4, 4.4, title, subtitle)
    axes = figure.subplots()
    for number, (name, members) in enumerate(groups.items()):
        _draw(axes, name, members, kind, number)
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("training images")
    axes.set_ylabel(f"{kind} {table.objective.label}")
    _label(axes, rows, kind)
    axes.legend(loc="lower left")
    return figure


def _groups(table: Table, rows: list[JobRow]) -> dict[str, list[JobRow]]:
    """Return the jobs of each choice of the other values that has two sizes or more."""
    others = [key for key in table.varied if key not in {SIZE, "seed"}]
    groups: dict[str, list[JobRow]] = {}
    for row in sorted(rows, key=_size):
        chosen = (f"{short_key(key, others)}={row.choices.get(key, '')}" for key in others)
        groups.setdefault(" ".join(chosen), []).append(row)
    several = {name: each for name, each in groups.items() if len(set(map(_size, each))) > 1}
    return dict(list(several.items())[:_MOST_LINES])


def _draw(axes: Axes, name: str, rows: list[JobRow], kind: str, number: int) -> None:
    sizes = np.array([_size(row) for row in rows])
    errors = np.array([row.means[kind] for row in rows])
    law, color = fit_power_law(sizes, errors), _colors()[number]
    label = ": ".join(filter(None, [name, law.sentence() if law else ""]))
    bars = [row.sds.get(kind, 0.0) for row in rows]
    marker, name = _MARKERS[number], label or kind
    axes.errorbar(sizes, errors, yerr=bars, fmt=marker, color=color, capsize=3, label=name)
    if law:
        axes.plot(np.unique(sizes), law(np.unique(sizes)), color=color, marker="")


def _colors() -> list[str]:
    """Return the colors of the style, which a mere number would look up too late."""
    colors: list[str] = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    return colors


def _label(axes: Axes, rows: list[JobRow], kind: str) -> None:
    """Write plain numbers on both axes: the sizes that were trained, and errors 1, 2, 5 apart."""
    sizes = sorted({_size(row) for row in rows})
    shown = sizes if len(sizes) < 10 else sizes[:: -(-len(sizes) // 9)]  # noqa: PLR2004
    axes.set_xticks(shown, [f"{size:,.0f}" for size in shown])
    axes.set_xticks([], minor=True)
    errors = [row.means[kind] for row in rows if row.means[kind] > 0]
    low, high = min(errors) / 1.5, max(errors) * 1.5
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks([], minor=True)


def _size(row: JobRow) -> float:
    return float(row.choices[SIZE])


def sized(rows: list[JobRow]) -> list[JobRow]:
    """Return the rows whose number of training images was chosen; `null`, all of them, is none."""
    return [row for row in rows if row.choices.get(SIZE, "").replace("_", "").isdigit()]
