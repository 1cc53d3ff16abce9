"""Activation maximisation: the image that a unit likes best.

Gradient ascent from noise. Without restraint it finds noise to which the network is sensitive; a
smooth image that is robust to small shifts looks like what the network was trained on (see Olah,
Mordvintsev and Schubert, "Feature Visualization", Distill 2017).
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from runner.datasets.splits import Images
from runner.figures.contact import contact_sheet
from runner.figures.layers import LayerName, layer_of, scores, tensors
from runner.figures.subject import Subject
from runner.figures.texts import texts
from runner.ranges import Count, Natural, NonNegative

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

_LEARNING_RATE = 0.1


def activation_maximisation(
    subject: Subject,
    *,
    layer: LayerName | None = None,
    units: list[Natural] | None = None,
    steps: Count = 160,
    smoothness: NonNegative = 1.0,
    sparseness: NonNegative = 0.5,
    seed: Natural = 0,
) -> "Figure":
    """Draw the image that maximises each class, or each unit of a layer.

    Args:
        subject: the run.
        layer: name or number of a dense layer or convolution; None is the classes.
        units: of the layer; None is the first 20.
        steps: of gradient ascent.
        smoothness: weight of the total variation, which is kept small.
        sparseness: weight of the mean brightness, which is kept small.
        seed: of the noise to start from and of the shifts.
    """
    say, model = texts(subject.language), subject.model
    target = scores(model) if layer is None else tensors(model)[layer_of(model, layer).name]
    count = len(subject.class_names) if layer is None else target.shape[-1]
    wanted = list(range(min(count, 20))) if units is None else units
    images = maximise(
        model,
        target,
        wanted,
        steps=steps,
        smoothness=smoothness,
        sparseness=sparseness,
        seed=seed,
    )
    if layer is None:
        captions = _class_captions(subject, images, wanted)
        title = say("Images that maximise the classes")
        subtitle = say("gradient ascent from noise; probability of the class")
    else:
        captions = [say("unit {unit}").format(unit=unit) for unit in wanted]
        title = say("Images that maximise units of layer {name}")
        title = title.format(name=layer_of(model, layer).name)
        subtitle = say("gradient ascent from noise")
    return contact_sheet(images, captions, title=title, subtitle=subtitle, columns=5)


def maximise(
    model: "keras.Model",
    target: Any,
    units: list[int],
    *,
    steps: int = 160,
    smoothness: float = 1.0,
    sparseness: float = 0.5,
    seed: int = 0,
) -> Images:
    """Return for each unit an image, uint8, that maximises it.

    Args:
        model: the network.
        target: symbolic output, [n, units] or [n, height, width, units]; of maps the mean counts.
        units: their numbers.
        steps: of Adam.
        smoothness: weight of the total variation.
        sparseness: weight of the mean brightness.
        seed: of noise and shifts.
    """
    import keras
    import tensorflow as tf

    inner = keras.Model(model.inputs, target)
    shape = (len(units), *model.input_shape[1:])
    noise = np.random.default_rng(seed).normal(-1.0, 0.3, shape)
    latent = tf.Variable(noise, dtype=tf.float32)
    optimizer = keras.optimizers.Adam(_LEARNING_RATE)
    shifts = tf.random.Generator.from_seed(seed)

    def ascend() -> None:
        for _ in tf.range(steps):
            shift = shifts.uniform((2,), -1, 2, tf.int32)
            with tf.GradientTape() as tape:
                ink = tf.sigmoid(latent)
                values = inner(255 * tf.roll(ink, shift, (1, 2)), training=False)
                liking = tf.reduce_sum(_liking(values, units))
                rough = tf.reduce_sum(tf.image.total_variation(ink)) / shape[1]
                bright = tf.reduce_sum(tf.reduce_mean(ink, axis=(1, 2, 3)))
                cost = smoothness * rough + sparseness * bright - liking
            optimizer.apply_gradients([(tape.gradient(cost, latent), latent)])

    optimizer.build([latent])
    tf.function(ascend)()
    return np.asarray(tf.round(255 * tf.sigmoid(latent)), np.uint8)


def _liking(values: Any, units: list[int]) -> Any:
    """Return how much each image pleases its unit: of scores the log-probability of the class."""
    import tensorflow as tf

    if len(values.shape) > 2:  # noqa: PLR2004
        values = tf.reduce_mean(values, axis=(1, 2))
    return tf.gather(values, units, axis=1, batch_dims=1)


def _class_captions(subject: Subject, images: NDArray[np.uint8], units: list[int]) -> list[str]:
    outputs = subject.model.predict(images, verbose=0)
    if outputs.shape[1] == 1:
        outputs = np.hstack([1 - outputs, outputs])
    names = subject.class_names
    return [f"{names[u]} ({outputs[n, u]:.3f})" for n, u in enumerate(units)]
