"""Activation maximization: images to which a class or a unit responds most.

Gradient ascent from noise alone finds noise to which the network happens to be sensitive. Three
things make the image look like what the network was trained on: it stays smooth, it stays near
what each pixel is on average (in standard deviations, so that the ever white border stays white),
and the network must respond to it however it is shifted by a pixel. See Olah et al., "Feature
Visualization", Distill 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.base.array_types import Images
from runner.base.lazy import keras, tf
from runner.base.option_types import Count, Natural, NonNegative
from runner.evaluation.probabilities import class_probabilities
from runner.figures.contact_sheet import contact_sheet
from runner.figures.figure_declarations import made_for
from runner.figures.finished_run import ClassificationRun
from runner.figures.translations import Texts, translator
from runner.models.graph import LayerName, layer_of
from runner.models.layer_outputs import activations, before_activation, scores

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEARNING_RATE, _RESPONSE_WEIGHT, _SAMPLE, _MOST_UNITS = 0.1, 4.0, 500, 20
_LEAST_DEVIATION = 0.1
_VISIBLE = 32
"""Difference of pixels, of 255, below which an image is called blank."""

TEXTS: Texts = {
    "Images that maximize the classes": "Imagens que maximizam as classes",
    "gradient ascent from noise around the mean image; probability of the class": (
        "subida do gradiente a partir de ruído em torno da imagem média; probabilidade da classe"
    ),
    "unit {unit}": "unidade {unit}",
    "blank": "vazia",
    "blank: nothing that is drawn makes the unit respond more than empty paper": (
        "vazia: nada desenhado faz a unidade responder mais do que o papel vazio"
    ),
    "Images that maximize units of layer {name}": "Imagens que maximizam unidades da camada {name}",
    "gradient ascent from noise around the mean image": (
        "subida do gradiente a partir de ruído em torno da imagem média"
    ),
}


@dataclass(frozen=True)
class Ascent:
    """How an image is improved.

    Attributes:
        steps: of Adam.
        smoothness: weight of the total variation.
        typicality: weight of the squared distance from the mean image.
        seed: of the noise to start from and of the shifts.
    """

    steps: int
    smoothness: float
    typicality: float
    seed: int


@made_for("pictures")
def activation_maximization(
    run: ClassificationRun,
    *,
    layer: LayerName | None,
    units: list[Natural] | None,
    steps: Count,
    smoothness: NonNegative = 0.6,
    typicality: NonNegative = 4.0,
    seed: Natural = 0,
) -> Figure | None:
    """Draw the image that maximizes each class, or each unit of a layer; None of a table.

    Args:
        run: the finished run.
        layer: name or number of a dense layer or convolution; None is the classes.
        units: of the layer; None is the first 20.
        steps: of gradient ascent.
        smoothness: how much the total variation counts.
        typicality: how much the distance from the mean test image counts.
        seed: of the noise to start from.
    """
    if not run.has_pictures:
        return None
    model = run.model
    target = scores(model) if layer is None else before_activation(model, layer_of(model, layer))
    units = units or list(range(min(target.shape[-1], _MOST_UNITS)))
    ascent = Ascent(steps, smoothness, typicality, seed)
    images = maximize(model, target, units, run.images[:_SAMPLE], ascent)
    translate = translator(run.language, TEXTS)
    if layer is None:
        captions = _class_captions(run, images, units)
        title = translate("Images that maximize the classes")
        subtitle = translate(
            "gradient ascent from noise around the mean image; probability of the class"
        )
    else:
        title = translate(
            "Images that maximize units of layer {name}", name=layer_of(model, layer).name
        )
        subtitle = translate("gradient ascent from noise around the mean image")
        captions = [translate("unit {unit}", unit=unit) for unit in units]
        blank = [n for n, image in enumerate(images) if np.ptp(image.astype(int)) < _VISIBLE]
        for n in blank:
            captions[n] += f": {translate('blank')}"
        if blank:
            subtitle += "\n" + translate(
                "blank: nothing that is drawn makes the unit respond more than empty paper"
            )
    return contact_sheet(run.printed(images), captions, title=title, subtitle=subtitle, columns=5)


def maximize(
    model: keras.Model,
    target: Any,
    units: list[int],
    sample: Images,
    ascent: Ascent,
) -> Images:
    """Return an image that maximizes each unit, uint8, [units, height, width, channels].

    Args:
        model: the network.
        target: symbolic output, [n, units] or [n, height, width, units]; of maps the mean counts.
        units: their numbers.
        sample: images that define what is typical.
        ascent: its options.
    """
    if len(target.shape) > 2:  # noqa: PLR2004
        # Negative responses of a convolution count little, or its best image would be one shade.
        target = keras.layers.GlobalAveragePooling2D()(keras.layers.LeakyReLU(0.05)(target))
    inner = keras.Model(model.inputs, target)
    spread = activations(model, [target], sample)[0].std(axis=0)[units] + 1e-6
    mean = (sample / np.float32(255)).mean(axis=0)
    deviation = (sample / np.float32(255)).std(axis=0) + _LEAST_DEVIATION
    latent = tf.Variable(_noisy(mean, len(units), ascent.seed))
    shifts = tf.random.Generator.from_seed(ascent.seed)
    optimizer = keras.optimizers.Adam(_LEARNING_RATE)
    optimizer.build([latent])

    def step() -> None:
        with tf.GradientTape() as tape:
            pixels = tf.sigmoid(latent)
            shifted = tf.roll(pixels, shifts.uniform((2,), -1, 2, tf.int32), (1, 2))
            values = tf.cast(inner(255 * shifted, training=False), tf.float32)
            response = tf.gather(values, units, axis=1, batch_dims=1) / spread
            variation = tf.image.total_variation(pixels) / sample.shape[1]
            distance = tf.reduce_mean(((pixels - mean) / deviation) ** 2, axis=(1, 2, 3))
            penalty = ascent.smoothness * variation + ascent.typicality * distance
            cost = penalty - _RESPONSE_WEIGHT * response
        optimizer.apply_gradients([(tape.gradient(cost, latent), latent)])

    def climb() -> None:
        for _ in tf.range(ascent.steps):
            step()

    tf.function(climb)()
    return np.asarray(tf.round(255 * tf.sigmoid(latent)), np.uint8)


def _noisy(mean: NDArray[np.float32], count: int, seed: int) -> NDArray[np.float32]:
    """Return noise around the mean image, as logits, [count, height, width, channels]."""
    clipped = np.clip(mean, 0.02, 0.98)
    noise = np.random.default_rng(seed).normal(0, 0.5, (count, *mean.shape))
    return np.asarray(np.log(clipped / (1 - clipped)) + noise, np.float32)


def _class_captions(run: ClassificationRun, images: Images, units: list[int]) -> list[str]:
    probabilities = class_probabilities(run.model, run.model.predict(images, verbose=0))
    names = run.class_names
    written = translator(run.language, TEXTS).number
    return [
        f"{names[unit]} ({written(probabilities[n, unit], '.3f')})" for n, unit in enumerate(units)
    ]
