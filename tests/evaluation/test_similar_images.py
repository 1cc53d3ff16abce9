"""The nearest training images, and the images that excite a unit most."""

import keras
import numpy as np
import pytest

from evaluation.test_attribution import OBJECT, detector, planted
from runner.base.errors import ConfigurationError
from runner.datasets.splits import Dataset
from runner.evaluation.exciting_images import causes, exciting_images
from runner.evaluation.nearest_images import image_features, nearest_images


def test_the_nearest_image_of_one_in_the_set_is_itself(digits: Dataset) -> None:
    images = digits.train.images
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)]
    )
    features = image_features(model, images)
    np.testing.assert_array_equal(features, images.reshape(500, 784).astype(np.float32))
    nearest = nearest_images(features, features[100:200], 3)
    assert nearest.shape == (100, 3)
    np.testing.assert_array_equal(nearest[:, 0], np.arange(100, 200))
    distances = np.linalg.norm(features[nearest[:, 1:]] - features[100:200, None], axis=2)
    assert (distances[:, 0] <= distances[:, 1]).all()
    assert (digits.train.labels[nearest[:, 1]] == digits.train.labels[100:200]).mean() > 0.7


def test_no_more_are_nearest_than_there_are() -> None:
    train = np.array([[0.0], [3.0]], np.float32)
    assert nearest_images(train, np.array([[2.0]], np.float32), 9).tolist() == [[1, 0]]


def test_the_image_with_the_brightest_planted_object_excites_its_detector_most() -> None:
    images, inside = planted(1)
    sums = np.array([image[mask].sum() for image, mask in zip(images, inside, strict=True)])
    found = exciting_images(detector(1), "square", images, [0], 5)
    np.testing.assert_array_equal(found.indices[0], np.argsort(-sums, kind="stable")[:5])
    np.testing.assert_allclose(found.responses[0], np.sort(sums)[:-6:-1] / 255 - 12, rtol=1e-4)
    assert found.positions is not None
    shown = images[found.indices[0]]
    extents = causes(detector(1), "square", shown, [0] * 5, found.positions[0])
    for index, (rows, columns) in zip(found.indices[0], extents, strict=True):
        assert (rows.stop - rows.start, columns.stop - columns.start) == (OBJECT, OBJECT)
        assert inside[index, rows, columns].all()


def test_neurons_have_no_positions_and_as_many_images_as_there_are() -> None:
    images, _ = planted(3)
    found = exciting_images(detector(3), -1, images, [1, 0], 99)
    assert found.positions is None
    assert found.indices.shape == found.responses.shape == (2, 12)
    np.testing.assert_array_equal(found.indices[0], found.indices[1][::-1])


def test_a_layer_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'sqare'"):
        exciting_images(detector(1), "sqare", planted(1)[0], [0], 1)


@pytest.mark.parametrize("unit", [-1, 1])
def test_a_unit_that_is_not_there_is_named(unit: int) -> None:
    with pytest.raises(ConfigurationError, match=f"unit {unit}: expected a number from 0 to 0"):
        exciting_images(detector(1), "square", planted(1)[0], [0, unit], 1)
