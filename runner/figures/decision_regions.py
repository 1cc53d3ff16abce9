"""Decision regions: what a network predicts for every point of the plane of two features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.lazy import keras, matplotlib
from runner.base.option_types import Count
from runner.evaluation.probabilities import class_probabilities
from runner.figures.canvas import BAR, Page, styled, text_width
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import ClassificationRun, FinishedRun, RegressionRun
from runner.figures.plane import Plane
from runner.figures.training_recorder import recorded_by
from runner.figures.translations import Texts, translator
from runner.figures.weight_history import WeightHistory
from runner.models.graph import tensors
from runner.training.inference import outputs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

Values = NDArray[np.float32]

COLORS = ((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (86, 180, 233))
"""Of the classes, red, green and blue; Okabe and Ito's, which the color-blind can tell apart."""

_FEATURES = 2
_DOT, _SMALL = 0.18, 8
_SIDE, _STEP, _NAMES, _UNIT, _UNIT_STEP, _MOST_UNITS = 1.7, 1.8, 0.22, 0.6, 0.68, 16

TEXTS: Texts = {
    "Decision regions, epoch by epoch": "Regiões de decisão, época a época",
    "every point in the color of its class, paler where the network is unsure; dots are training "
    "data": (
        "cada ponto na cor da sua classe, mais pálida onde a rede hesita; os pontos são dados de "
        "treino"
    ),
    "every point by the predicted number, output {name}": (
        "cada ponto pelo número previsto, saída {name}"
    ),
    "to the right {across} {left:.3g} .. {right:.3g}; upwards {up} {bottom:.3g} .. {top:.3g}": (
        "para a direita {across} {left:.3g} .. {right:.3g}; "
        "para cima {up} {bottom:.3g} .. {top:.3g}"
    ),
    "feature {number}": "entrada {number}",
    "units of {layer}": "unidades de {layer}",
}


@made_for("two features and at most 20,000 weights, recorded in training")
@recorded_by(WeightHistory)
def decision_regions(
    run: ClassificationRun | RegressionRun, *, epochs: Count, side: Count
) -> Figure | None:
    """Draw the regions after some epochs, and what each hidden unit makes of the plane at the end.

    None where the data are no table of two features, or the network has too many weights.

    Args:
        run: the finished run.
        epochs: so many of them, evenly spread over the first halvings of the training.
        side: points of the plane in each direction.
    """
    history = run.recording(WeightHistory)
    if history is None or run.images.shape[1:] != (_FEATURES,):
        return None
    points = run.images if run.train is None else run.train.images
    grid = (plane := Plane.around(np.concatenate([points, run.images]))).grid(side)
    shown = early_epochs(history.epochs, epochs)
    final = run.model.get_weights()
    try:
        regions = []
        for epoch in shown:
            history.restore(run.model, epoch)
            regions.append(predicted(run, grid).reshape(side, side, -1))
    finally:
        run.model.set_weights(final)
    return draw_regions(run, plane, dict(zip(shown, regions, strict=True)), hidden_units(run, grid))


def predicted(run: FinishedRun, grid: Values) -> Values:
    """Return class probabilities, or predicted numbers, for points of the plane, [n, outputs]."""
    values = outputs(run.model, grid, False)
    return class_probabilities(run.model, values) if isinstance(run, ClassificationRun) else values


def hidden_units(run: FinishedRun, grid: Values) -> dict[str, Values]:
    """Return what each unit of each hidden layer gives, [units, side, side], by layer."""
    layers, side = hidden_layers(run.model), round(len(grid) ** 0.5)
    values = [
        outputs(keras.Model(run.model.inputs, value), grid, False) for value in layers.values()
    ]
    return {
        name: value.T.reshape(-1, side, side) for name, value in zip(layers, values, strict=True)
    }


def hidden_layers(model: keras.Model) -> dict[str, Any]:
    """Return the symbolic outputs of the dense layers before the last, by name."""
    found = tensors(model)
    dense = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    return {name: found[name] for name in dense[:-1]}


def early_epochs(recorded: Sequence[int], count: int) -> list[int]:
    """Return so many of the recorded epochs, first and last among them, more of the early ones."""
    shares = np.linspace(0, 1, min(count, len(recorded))) ** 2
    numbers = np.round(shares * (len(recorded) - 1)).astype(int)
    rising = np.maximum(numbers, np.arange(len(numbers)))  # the squares repeat the first ones
    return [recorded[number] for number in rising]


def mixed_colors(probabilities: Values) -> NDArray[np.uint8]:
    """Mix the colors of the classes by their probabilities [..., classes]; uint8 [..., 3]."""
    classes = probabilities.shape[-1]
    colors = np.array([COLORS[label % len(COLORS)] for label in range(classes)], np.float32)
    mixed = probabilities @ colors
    sure = (probabilities.max(axis=-1, keepdims=True) - 1 / classes) / (1 - 1 / classes)
    paled = 255 - (0.25 + 0.55 * np.clip(sure, 0, 1)) * (255 - mixed)
    return np.asarray(np.clip(np.rint(paled), 0, 255), np.uint8)


@styled()
def draw_regions(
    run: ClassificationRun | RegressionRun,
    plane: Plane,
    regions: dict[int, Values],
    units: dict[str, Values],
) -> Figure:
    """Draw regions [side, side, outputs] by epoch above the units [units, side, side] by layer."""
    translate, scale = translator(run.language, TEXTS), _scale(run, regions)
    classes = run.class_names if isinstance(run, ClassificationRun) else []
    most = max((min(len(values), _MOST_UNITS) for values in units.values()), default=1)
    width = max(_STEP * len(regions) + (BAR if scale else 0), _UNIT_STEP * most)
    below = _STEP + (2 if classes else 1) * _NAMES
    height = below + len(units) * (_UNIT + 2 * _NAMES)
    title = translate("Decision regions, epoch by epoch")
    page = Page(width, height, title, f"{_subtitle(run)}\n{_axes_are(run, plane)}")
    for column, (epoch, values) in enumerate(regions.items()):
        page.write(column * _STEP, 0, f"{translate('epoch')} {epoch}")
        axes = page.axes(column * _STEP, _NAMES, _SIDE, _SIDE)
        picture = _show(axes, plane, _picture(run, values), **scale)
        _dots(axes, run)
    if scale:
        page.bar(picture, _STEP * len(regions), _SIDE, run.names[0])
    _name_classes(page, width, classes)
    for row, (name, values) in enumerate(units.items()):
        top = below + row * (_UNIT + 2 * _NAMES) + 0.05
        page.write(0, top, translate("units of {layer}").format(layer=name))
        _draw_units(page, top + _NAMES, plane, values[:_MOST_UNITS])
    return page.figure


def _subtitle(run: ClassificationRun | RegressionRun) -> str:
    translate = translator(run.language, TEXTS)
    if isinstance(run, RegressionRun):
        text = translate("every point by the predicted number, output {name}")
        return text.format(name=run.names[0])
    return translate(
        "every point in the color of its class, paler where the network is unsure; dots are "
        "training data"
    )


def _axes_are(run: FinishedRun, plane: Plane) -> str:
    """Return which feature lies in which direction, from where to where."""
    translate = translator(run.language, TEXTS)
    names = run.feature_names or [translate("feature {number}", number=n) for n in (1, 2)]
    (left, bottom), (right, top) = plane.low, plane.high
    return translate(
        "to the right {across} {left:.3g} .. {right:.3g}; upwards {up} {bottom:.3g} .. {top:.3g}",
        **{"across": names[0], "left": left, "right": right},
        **{"up": names[1], "bottom": bottom, "top": top},
    )


def _name_classes(page: Page, width: float, names: Sequence[str]) -> None:
    """Write the classes beside dots in their colors, as many as a line below the epochs holds."""
    left, top = 0.0, _STEP + _NAMES
    for label, name in enumerate(names):
        if left + _DOT + text_width(name, _SMALL) > width:
            page.write(left, top, "...", size=_SMALL)
            break
        color = np.array(COLORS[label % len(COLORS)]) / 255
        page.write(left, top, "\N{BLACK CIRCLE}", size=_SMALL, color=color)
        page.write(left + _DOT, top, name, size=_SMALL)
        left += _DOT + text_width(name, _SMALL) + _DOT


def _draw_units(page: Page, top: float, plane: Plane, units: Values) -> None:
    for column, unit in enumerate(units):
        axes = page.axes(column * _UNIT_STEP, top, _UNIT, _UNIT)
        reach = float(np.abs(unit).max()) or 1.0
        _show(axes, plane, unit, cmap="cividis", vmin=-reach, vmax=reach)


def _picture(run: FinishedRun, values: Values) -> NDArray[Any]:
    return mixed_colors(values) if isinstance(run, ClassificationRun) else values[..., 0]


def _scale(run: FinishedRun, regions: dict[int, Values]) -> dict[str, Any]:
    """Return the colors of numbers, the same for all epochs; classes have theirs."""
    if isinstance(run, ClassificationRun):
        return {}
    values = np.stack([each[..., 0] for each in regions.values()])
    return {"cmap": "viridis", "vmin": values.min(), "vmax": values.max()}


def _show(axes: Axes, plane: Plane, picture: NDArray[Any], **options: Any) -> AxesImage:
    (left, bottom), (right, top) = plane.low, plane.high
    return axes.imshow(picture, extent=(left, right, bottom, top), aspect="auto", **options)


def _dots(axes: Axes, run: FinishedRun) -> None:
    if run.train is None:
        return
    colors: Any = "white"
    if isinstance(run, ClassificationRun):
        chosen = [COLORS[int(label) % len(COLORS)] for label in run.train.labels]
        colors = np.array(chosen) / 255
    edge = matplotlib.colors.to_rgba("black")
    first, second = run.train.images.T
    axes.scatter(first, second, s=9, c=colors, edgecolors=[edge], linewidths=0.4)
