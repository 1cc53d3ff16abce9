"""Grad-CAM: which regions of an image decide the class.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images, Labels
from runner.base.lazy import keras, tf
from runner.base.option_types import Language, Natural
from runner.evaluation.probabilities import class_probabilities
from runner.figures.canvas import BAR, Page, styled, text_width
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import ClassificationRun
from runner.figures.image_selection import errors_and_right_ones, selected_images
from runner.figures.paper import printable
from runner.figures.tick_numbers import write_ticks
from runner.figures.translations import Texts, translator
from runner.models.graph import LayerName, layer_of, tensors
from runner.models.layer_outputs import map_layers, scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

Heat = NDArray[np.float32]
_SIDE, _STEP, _NAMES, _HALF = 1.25, 1.35, 0.2, 0.5
_COARSE = 4
"""Pixels of the image for each position of the map, from which on the map is called coarse."""

TEXTS: Texts = {
    "image": "imagem",
    "Class activation (Grad-CAM)": "Ativação da classe (Grad-CAM)",
    "the line encloses what is above half of the maximum": (
        "a linha rodeia o que excede metade do máximo"
    ),
    "layer {name}, a map of {height} x {width} enlarged": (
        "camada {name}, um mapa de {height} x {width} ampliado"
    ),
    "coarse: each of its positions stands for {down} x {across} pixels": (
        "grosseiro: cada posição vale por {down} x {across} pixels"
    ),
    "share of the maximum": "fração do máximo",
}


@made_for("convolutions")
def class_activation(
    run: ClassificationRun, *, layer: LayerName | None, images: list[Natural] | None
) -> Figure | None:
    """Draw which regions decide for the true and the predicted class; None without feature maps.

    Of the images selected on the command line, or else of those of `images`; where the true class
    is unknown, for the predicted one alone.

    Args:
        run: the finished run.
        layer: name or number of a layer with feature maps; None is the last convolution or block.
        images: numbers of test images; None is the four most confident errors and four right ones.
    """
    model = run.model
    found = map_layers(model)
    if not found:
        return None
    weighted = last_convolution(found) if layer is None else layer_of(model, layer)
    shown = selected_images(run, images) or errors_and_right_ones(run)
    predicted = class_probabilities(model, model.predict(shown.images, verbose=0)).argmax(axis=1)
    rows = [predicted] if shown.labels is None else [shown.labels, predicted]
    heats = [grad_cam(model, weighted, shown.images, classes) for classes in rows]
    names = np.asarray(run.class_names)
    columns = list(zip(shown.names, *(names[classes] for classes in rows), strict=True))
    reading = map_reading(weighted, shown.images.shape[1:3], run.language)
    pictures = run.printed(shown.images)
    return draw_heat(pictures, heats, columns, reading, language=run.language)


def map_reading(layer: keras.Layer, size: tuple[int, ...], language: Language) -> str:
    """Return the name and the size of a layer's maps, and that they are coarse if they are.

    Args:
        layer: whose maps are enlarged.
        size: height and width of the images.
        language: of the text.
    """
    translate = translator(language, TEXTS)
    height, width = layer.output.shape[1:3]
    said = translate(
        "layer {name}, a map of {height} x {width} enlarged",
        name=layer.name,
        height=height,
        width=width,
    )
    down, across = round(size[0] / height), round(size[1] / width)
    if max(down, across) >= _COARSE:
        said += "; " + translate(
            "coarse: each of its positions stands for {down} x {across} pixels",
            down=down,
            across=across,
        )
    return said


def last_convolution(layers: list[keras.Layer]) -> keras.Layer:
    """Return the last convolution or nested network, before pooling has lost positions."""
    kinds = (keras.layers.Conv2D, keras.Model)
    return next(layer for layer in reversed(layers) if isinstance(layer, kinds))


def grad_cam(model: keras.Model, layer: keras.Layer, images: Images, classes: Labels) -> Heat:
    """Return the heat map of one class for each image, [n, height, width], 0..1.

    Each feature map is weighted by the mean gradient of the class's score, what speaks against the
    class is left out, and the sum is enlarged to the image and divided by its maximum. The score is
    taken less the mean over all classes: a softmax sees only differences.
    """
    inner = keras.Model(model.inputs, [tensors(model)[layer.name], scores(model)])
    pixels = tf.constant(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)  # so that the maps of a frozen network are recorded too
        maps, values = inner(pixels, training=False)
        values -= tf.reduce_mean(values, axis=1, keepdims=True)
        score = tf.reduce_sum(tf.gather(values, classes, axis=1, batch_dims=1))
    weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
    heat = tf.nn.relu(tf.reduce_sum(tf.cast(weights * maps, tf.float32), axis=-1, keepdims=True))
    enlarged = tf.image.resize(heat, images.shape[1:3]).numpy()[..., 0]
    strongest = enlarged.max(axis=(1, 2), keepdims=True)
    return np.asarray(enlarged / np.where(strongest > 0, strongest, 1), np.float32)


@styled()
def draw_heat(
    images: Images,
    heats: list[Heat],
    names: list[tuple[str, ...]],
    reading: str,
    *,
    language: Language = "en",
) -> Figure:
    """Draw each image over its heat maps for the true and the predicted class.

    Args:
        images: [n, height, width, 1 or 3], 0..255.
        heats: for the true and the predicted class, or for the predicted one alone, each
            [n, height, width], 0..1.
        names: of each image, and of the classes of its heat maps.
        reading: of the layer whose maps were weighted; see `map_reading`.
        language: of the texts.
    """
    translate = translator(language, TEXTS)
    kinds = [translate("true class"), translate("given class")]
    rows = [translate("image"), *kinds[-len(heats) :]]
    left = max(text_width(row, 8) for row in rows) + 0.15
    step = max(_STEP, *(text_width(name, 8) + 0.1 for column in names for name in column))
    title, across = translate("Class activation (Grad-CAM)"), step * len(images)
    subtitle = translate("the line encloses what is above half of the maximum")
    height = len(rows) * (_STEP + _NAMES)
    page = Page(left + across + BAR, height, title, f"{reading}\n{subtitle}")
    for row, label in enumerate(rows):
        page.write(0, row * (_STEP + _NAMES) + _NAMES + _SIDE / 2, label)
        for column, image in enumerate(printable(images)):
            x, y = left + column * step, row * (_STEP + _NAMES)
            page.write(x, y, names[column][row])
            axes = page.picture(image, x, y + _NAMES, _SIDE, _SIDE)
            if row:
                picture = _overlay(axes, heats[row - 1][column])
    page.bar(picture, left + across, 3.0, translate("share of the maximum"))
    return write_ticks(page.figure, language)


def _overlay(axes: Axes, heat: Heat) -> AxesImage:
    picture = axes.imshow(heat, cmap="YlOrRd", alpha=0.6, vmin=0, vmax=1)
    if heat.max() > _HALF > heat.min():
        axes.contour(heat, levels=[_HALF], colors="black", linewidths=1.2)
    return picture
