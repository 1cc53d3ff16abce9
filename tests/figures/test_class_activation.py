"""The heat of a class lies where the class is; it is that of the true and of the given class."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from figures.configured import Configured
from runner.figures.finished_run import ClassificationRun
from runner.figures.grad_cam import grad_cam
from runner.figures.image_selection import by_index

class_activation = Configured("class-activation")


def shapes(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """Plant nothing (label 0), a cross (1) or a square (2) of 9 x 9 pixels somewhere in noise."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 40, (count, 28, 28, 1))
    labels, inside = rng.integers(0, 3, count), np.zeros((count, 28, 28), bool)
    square, cross = np.ones((9, 9), bool), np.zeros((9, 9), bool)
    square[2:-2, 2:-2] = False
    cross[3:6], cross[:, 3:6] = True, True
    for n, (y, x) in enumerate(rng.integers(0, 20, (count, 2))):
        inside[n, y : y + 9, x : x + 9] = True
        if labels[n]:
            images[n, y : y + 9, x : x + 9, 0][cross if labels[n] == 1 else square] = 220
    return images.astype(np.uint8), labels, inside


@pytest.fixture(scope="module")
def finder() -> keras.Model:
    """A network that tells the planted shapes apart."""
    keras.utils.set_random_seed(3)
    images, labels, _ = shapes(3000, 0)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, padding="same", activation="relu", name="last"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    model.fit(images, labels, batch_size=50, epochs=4, verbose=0)
    return model


class TestClassActivation:
    def test_heat_falls_inside_the_planted_object(self, finder: keras.Model) -> None:
        images, labels, inside = shapes(200, 1)
        given = finder.predict(images, verbose=0).argmax(axis=1)
        assert (given == labels).mean() > 0.95
        found = (labels > 0) & (given == labels)
        heat = grad_cam(finder, finder.get_layer("last"), images[found], labels[found])
        inside = inside[found]
        share = (heat * inside).sum(axis=(1, 2)) / heat.sum(axis=(1, 2))
        assert inside.mean() < 0.11, "chance"
        assert np.median(share) > 0.5
        assert heat[inside].mean() > 5 * heat[~inside].mean()
        hottest = heat.reshape(len(heat), -1).argmax(axis=1)
        assert inside.reshape(len(heat), -1)[np.arange(len(heat)), hottest].mean() > 0.9

    def test_maps_are_those_of_true_and_given_class(self, digits: ClassificationRun) -> None:
        wrong = np.flatnonzero(digits.predictions != digits.labels)[:2]
        run = replace(digits, selected=by_index(digits, wrong.tolist()))
        figure = class_activation(run, layer="second")
        assert figure is not None
        overlaid = [axes.images[1] for axes in figure.axes if len(axes.images) == 2]
        overlays = [np.asarray(picture.get_array(), np.float32) for picture in overlaid]
        second = digits.model.get_layer("second")
        for row, classes in enumerate((digits.labels[wrong], digits.predictions[wrong])):
            expected = grad_cam(digits.model, second, digits.images[wrong], classes)
            shown = np.stack(overlays[2 * row : 2 * row + 2])
            np.testing.assert_allclose(shown, expected, atol=1e-5)
        names = {text.get_text() for text in figure.texts}
        assert {str(label) for label in digits.predictions[wrong]} <= names

    def test_images_are_those_asked_for(self, digits: ClassificationRun) -> None:
        figure = class_activation(digits, images=[5, 2])
        assert figure is not None
        assert sum("(#" in text.get_text() for text in figure.texts) == 2

    def test_a_sigmoids_classes_are_named(self, five_or_six: ClassificationRun) -> None:
        (five, six) = (int(np.flatnonzero(five_or_six.predictions == label)[0]) for label in (0, 1))
        figure = class_activation(five_or_six, images=[five, six])
        assert figure is not None
        shown = [text.get_text() for text in figure.texts if text.get_text() in {"5", "6"}]
        assert shown[-2:] == ["5", "6"]

    def test_a_sigmoid_has_a_map_for_each_class(self, five_or_six: ClassificationRun) -> None:
        images, second = five_or_six.images[:20], five_or_six.model.get_layer("second")
        heats = [
            grad_cam(five_or_six.model, second, images, np.full(20, label)) for label in (0, 1)
        ]
        assert np.abs(heats[0] - heats[1]).mean() > 0.05

    def test_there_is_none_without_convolutions(self, flat: ClassificationRun) -> None:
        assert class_activation(flat) is None
