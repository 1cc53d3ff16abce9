"""What a unit looks for: the images that excite it most, beside the image that maximizes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runner.base.array_types import Images
from runner.base.lazy import keras, matplotlib
from runner.base.option_types import Count, Language, Natural
from runner.evaluation.exciting_images import ExcitingImages, causes, exciting_images
from runner.figures.activation_maximization import Ascent, maximize
from runner.figures.canvas import Page, styled
from runner.figures.finished_run import ClassificationRun
from runner.figures.grad_cam import last_convolution
from runner.figures.paper import printable
from runner.figures.translations import Texts, translator
from runner.models.graph import LayerName, layer_of
from runner.models.layer_outputs import before_activation, map_layers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Frames = list[list[tuple[slice, slice] | None]]
_SIDE, _STEP, _NAMES, _GAP = 0.95, 1.02, 0.22, 0.35
_SAMPLE = 500
_FRAME = "#D55E00"

TEXTS: Texts = {
    "Images that excite units of layer {name} most": (
        "Imagens que mais excitam unidades da camada {name}"
    ),
    "first the image that maximizes the unit, then those of {count} training images": (
        "primeiro a imagem que maximiza a unidade, depois as de {count} imagens de treino"
    ),
    "frames: what the strongest value of the map depends on; numbers: that value": (
        "molduras: de que depende o valor mais forte do mapa; números: esse valor"
    ),
    "unit {unit}": "unidade {unit}",
}


def exciting_sheet(
    run: ClassificationRun,
    *,
    layer: LayerName | None,
    units: list[Natural] | None,
    count: Count,
    searched: Count,
    steps: Count,
) -> Figure | None:
    """Draw the training images that excite each of some units most, after its maximized image.

    None without training images, and of a table.

    Args:
        run: the finished run.
        layer: name or number of a dense layer or convolution; None is the last convolution, or
            else the last layer.
        units: of the layer; None is the first eight.
        count: of images for each unit.
        searched: only the first so many training images.
        steps: of gradient ascent, for the maximized images.
    """
    if run.train is None or not run.has_pictures:
        return None
    model, images = run.model, run.train.images[:searched]
    found = map_layers(model)
    chosen = last_convolution(found) if found else model.layers[-1]
    chosen = chosen if layer is None else layer_of(model, layer)
    target = before_activation(model, chosen)
    units = units or list(range(min(8, target.shape[-1])))
    exciting = exciting_images(model, chosen.name, images, units, count)
    ascent = Ascent(steps, smoothness=0.6, typicality=4.0, seed=0)
    maximized = maximize(model, target, units, images[:_SAMPLE], ascent)
    frames = _frames(model, chosen, images, units, exciting)
    return draw_exciting(
        maximized,
        images,
        exciting,
        units,
        frames,
        titles=_titles(chosen.name, len(images), frames, run.language),
        dark=run.dark,
        language=run.language,
    )


def _titles(layer: str, count: int, frames: Frames, language: Language) -> tuple[str, str]:
    translate = translator(language, TEXTS)
    title = translate("Images that excite units of layer {name} most").format(name=layer)
    lines = translate(
        "first the image that maximizes the unit, then those of {count} training images"
    )
    if any(frame for row in frames for frame in row):
        lines += "\n" + translate(
            "frames: what the strongest value of the map depends on; numbers: that value"
        )
    return title, lines.format(count=count)


def _frames(
    model: keras.Model,
    layer: keras.Layer,
    images: Images,
    units: list[int],
    exciting: ExcitingImages,
) -> Frames:
    """Return for each drawn image where its strongest response comes from; None where unknown."""
    if exciting.positions is None:
        return [[None] * len(row) for row in exciting.indices]
    count = exciting.indices.shape[1]
    found = causes(
        model,
        layer.name,
        images[exciting.indices.ravel()],
        np.repeat(units, count).tolist(),
        exciting.positions.reshape(-1, 2),
    )
    return [list(found[start : start + count]) for start in range(0, len(found), count)]


@styled()
def draw_exciting(
    maximized: Images,
    images: Images,
    exciting: ExcitingImages,
    units: list[int],
    frames: Frames,
    *,
    titles: tuple[str, str],
    dark: bool = True,
    language: Language = "en",
) -> Figure:
    """Draw two units in each row of the page: the maximized image, then those of the set.

    Args:
        maximized: of each unit, [units, height, width, channels], 0..255.
        images: that were searched.
        exciting: what was found.
        units: their numbers.
        frames: rows and columns of each drawn image to be framed, or None.
        titles: title and subtitle.
        dark: whether gray images are light on dark ground.
        language: of the texts.
    """
    translate, across = translator(language, TEXTS), exciting.indices.shape[1] + 1
    block, high = across * _STEP + 2 * _GAP, _STEP + _NAMES
    page = Page(2 * block - _GAP, -(-len(units) // 2) * high, *titles)
    for number, unit in enumerate(units):
        x, y = number % 2 * block, number // 2 * high
        page.write(x, y, translate("unit {unit}").format(unit=unit), weight="bold")
        (best,) = printable(maximized[number : number + 1], dark=dark)
        page.picture(best, x, y + _NAMES, _SIDE, _SIDE)
        for place, index in enumerate(exciting.indices[number]):
            left = x + _GAP + (place + 1) * _STEP
            (found,) = printable(images[index : index + 1], dark=dark)
            axes = page.picture(found, left, y + _NAMES, _SIDE, _SIDE)
            response = translate.number(exciting.responses[number, place], ".3g")
            page.write(left, y, response, size=7)
            if frame := frames[number][place]:
                axes.add_patch(_rectangle(*frame))
    return page.figure


def _rectangle(rows: slice, columns: slice) -> matplotlib.patches.Rectangle:
    corner = columns.start - 0.5, rows.start - 0.5
    width, height = columns.stop - columns.start, rows.stop - rows.start
    return matplotlib.patches.Rectangle(
        corner, width, height, fill=False, ec=_FRAME, lw=1.5, clip_on=False
    )
