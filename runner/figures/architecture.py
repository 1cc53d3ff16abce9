"""Architecture of a network, as text and as a diagram."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from runner.base.lazy import keras, matplotlib
from runner.base.option_types import Language
from runner.figures.canvas import Page, styled, text_width
from runner.figures.finished_run import FinishedRun
from runner.figures.network_rows import LayerRow, layer_rows
from runner.figures.translations import Texts, translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _BOX, _GAP = 0.4, 0.28, 0.3
_NESTED = "#E8B4D0"
_COLORS = {"Conv2D": "#8CC8EF", "Dense": "#F3E88C", "Functional": _NESTED, "Sequential": _NESTED}
_OTHER = "#E6E6E6"

TEXTS: Texts = {
    "Network {name}": "Rede {name}",
    "{parameters:,} parameters, {trained:,} of them trained": (
        "{parameters:,} parâmetros, {trained:,} deles treinados"
    ),
    "layer": "camada",
    "output shape": "forma da saída",
    "parameters": "parâmetros",
}


def architecture_summary(run: FinishedRun) -> str:
    """Return the network's layers, shapes and parameters as text, without its optimizer's."""
    model = run.model
    alone = keras.Model(model.inputs, model.outputs, name=model.name)
    lines: list[str] = []
    alone.summary(print_fn=lambda text, **_: lines.append(text))
    return "\n".join(lines).rstrip()


def architecture(run: FinishedRun) -> Figure:
    """Draw the network's layers with shapes and parameter counts; a nested network is one row."""
    model, translate = run.model, translator(run.language, TEXTS)
    counts = translate(
        "{parameters:,} parameters, {trained:,} of them trained",
        parameters=model.count_params(),
        trained=sum(prod(weight.shape) for weight in model.trainable_weights),
    )
    title = translate("Network {name}", name=model.name)
    return draw_architecture(layer_rows(model, run.language), title, counts, run.language)


@styled()
def draw_architecture(
    layers: list[LayerRow], title: str, subtitle: str, language: Language = "en"
) -> Figure:
    """Draw a box for each layer, arrows to what takes its output, shapes and parameters beside."""
    translate = translator(language, TEXTS)
    names = max(text_width(row.name, 8) for row in layers) + _GAP
    boxes = max(text_width(row.text, 8, "bold") for row in layers) + _GAP
    heading = translate("output shape")
    shapes = max(text_width(text, 8) for text in (heading, *(row.shape for row in layers))) + _GAP
    counts = text_width(translate("parameters"), 8) + 0.8
    width, height = names + boxes + shapes + counts, _ROW * (len(layers) + 1)
    page = Page(width, height, title, subtitle)
    axes = page.axes(0, 0, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    columns = (0.0, names, names + boxes + _GAP / 2, names + boxes + shapes)
    headings = (translate("layer"), "", heading, translate("parameters"))
    for x, text in zip(columns, headings, strict=True):
        axes.text(x, _ROW / 2, text, size=8, va="center", color="#555555")
    most = max(row.parameters for row in layers) or 1
    for number, row in enumerate(layers):
        middle = (number + 1.5) * _ROW
        _draw_row(axes, row, middle, columns, boxes)
        text = translate.number(row.parameters, ",") if row.parameters else ""
        _draw_parameters(axes, text, middle, columns[3], row.parameters / most)
        for source in row.inputs:
            _arrow(axes, names, boxes, (source + 1.5) * _ROW, middle)
    return page.figure


def _draw_row(
    axes: Axes, row: LayerRow, middle: float, columns: tuple[float, ...], width: float
) -> None:
    axes.text(columns[0], middle, row.name, size=8, va="center")
    corner, color = (columns[1], middle - _BOX / 2), _COLORS.get(row.kind, _OTHER)
    axes.add_patch(
        matplotlib.patches.Rectangle(
            corner, width, _BOX, facecolor=color, edgecolor="black", lw=0.8
        )
    )
    center = columns[1] + width / 2
    axes.text(center, middle, row.text, size=8, va="center", ha="center")
    axes.text(columns[2], middle, row.shape, size=8, va="center")


def _draw_parameters(axes: Axes, text: str, middle: float, left: float, share: float) -> None:
    """Write a row's number of parameters, if any, after a bar of the length of its share."""
    if text:
        bar = (left, middle - 0.06), 0.5 * share, 0.12
        axes.add_patch(matplotlib.patches.Rectangle(*bar, facecolor="#0072B2"))
        axes.text(left + 0.5 * share + 0.06, middle, text, size=8, va="center")


def _arrow(axes: Axes, left: float, width: float, start: float, end: float) -> None:
    """Draw an arrow to the next row straight, to later ones around the boxes between."""
    if end - start < 1.5 * _ROW:
        x, from_y, to_y, style = left + width / 2, start + _BOX / 2, end - _BOX / 2, "arc3"
    else:
        x, from_y, to_y = left + width, start, end
        style = f"arc3,rad=-{min(0.5, 0.35 / (end - start)):.3f}"
    arrow = {"arrowstyle": "-|>", "color": "black", "lw": 0.9, "connectionstyle": style}
    arrow |= {"shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
    axes.annotate("", (x, to_y), (x, from_y), arrowprops=arrow)
