"""Test-time augmentation: views of images, and the average of what a network says of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from runner.base.errors import ConfigurationError
from runner.config import composition
from runner.config.run_config import Config, EvaluationConfig
from runner.datasets.splits import Dataset
from runner.evaluation.assessment import assess, evaluate
from runner.evaluation.probabilities import predict_probabilities
from runner.evaluation.tta import average_views, number_of_views, view
from runner.training import inference

NAMES = [str(digit) for digit in range(10)]
Kind = Literal["shift", "flip", "affine"]
Configure = Callable[..., Config]


def views(kind: Kind, versions: int = 16) -> EvaluationConfig:
    return EvaluationConfig(test=True, tta=kind, tta_versions=versions, fitted=False)


def network(outputs: int = 10) -> keras.Model:
    keras.utils.set_random_seed(0)
    layers = keras.layers
    top = layers.Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax")
    scaled = layers.Rescaling(1 / 255)
    return keras.Sequential([keras.Input((28, 28, 1)), scaled, layers.Flatten(), top])


def moved(images: NDArray[Any], down: int, right: int) -> NDArray[Any]:
    """Move images by whole pixels; what comes in is 0."""
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)])
    return padded[:, 1 - down : 29 - down, 1 - right : 29 - right]


DIRECTIONS = [(-1, 0), (1, 0), (0, 1), (0, -1)]  # N, S, E, W


@pytest.mark.parametrize("batch", [1000, 7])
def test_shifts_are_by_one_pixel(
    batch: int, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "BATCH", batch)
    images = digits.test.images[:20]
    for number, (down, right) in enumerate(DIRECTIONS, 1):
        given = view(images, number, views("shift"), xla=False)
        assert given.dtype == np.uint8
        np.testing.assert_array_equal(given, moved(images, down, right))


def test_a_flip_is_the_mirror_image(digits: Dataset) -> None:
    images = digits.test.images[:20]
    np.testing.assert_array_equal(view(images, 1, views("flip"), False), images[:, :, ::-1])


def test_random_views_are_small_fixed_and_the_same_for_all_images(digits: Dataset) -> None:
    images, affine = digits.test.images[:20], views("affine")
    given = [view(images, number, affine, False) for number in range(1, 17)]
    for number, changed in enumerate(given, 1):
        np.testing.assert_array_equal(view(images[3:4], number, affine, False)[0], changed[3])
        assert 0 < np.abs(changed.astype(float) - images).mean() < 30
        ink = changed.sum() / images.sum()
        assert 0.85 < ink < 1.15  # nothing is moved out of the image
    assert len({changed.tobytes() for changed in given}) == 16


def test_probabilities_of_all_views_are_averaged(digits: Dataset) -> None:
    model, images = network(), digits.test.images[:50]
    plain = predict_probabilities(model, images, xla=False)
    given = average_views(model, images, plain, views("shift"), xla=False)
    each = [model.predict(moved(images, *d).astype(np.float32), verbose=0) for d in DIRECTIONS]
    np.testing.assert_allclose(given, np.mean([plain, *each], axis=0), atol=1e-6)
    assert given.dtype == np.float32
    assert np.abs(given - plain).max() > 0.01


@pytest.mark.parametrize("kind", ["shift", "flip", "affine"])
def test_compiled_by_xla_views_are_the_same(kind: Kind, digits: Dataset) -> None:
    images = digits.test.images[:20]
    for number in range(1, min(3, number_of_views(views(kind)))):
        plain, fast = (view(images, number, views(kind), xla).astype(int) for xla in (False, True))
        assert np.abs(plain - fast).max() <= 1  # rounded from values a hair apart


@pytest.mark.parametrize(
    ("kind", "versions", "number"), [("shift", 16, 5), ("flip", 16, 2), ("affine", 3, 4)]
)
def test_the_image_itself_is_a_view(kind: Kind, versions: int, number: int) -> None:
    assert number_of_views(views(kind, versions)) == number


def test_one_output_is_averaged_for_both_labels(digits: Dataset) -> None:
    model, images = network(outputs=1), digits.test.images[:20]
    plain = predict_probabilities(model, images, xla=False)
    given = average_views(model, images, plain, views("flip"), xla=False)
    assert given.shape == (20, 2)
    np.testing.assert_allclose(given.sum(axis=1), 1, atol=1e-6)


def test_both_errors_stand_beside_each_other(digits: Dataset) -> None:
    model = network()
    plain = evaluate(model, digits.test, NAMES, False).metrics()
    both = evaluate(model, digits.test, NAMES, False, views("shift")).metrics()
    assert both["test_errors"] == plain["test_errors"]
    assert both["classes"] == plain["classes"]
    assert 0 < both["tta_test_error"] <= 1
    assert both["tta_test_error"] == both["tta_test_errors"] / 300 != both["test_error"]
    assert both["tta_predict_seconds"] > both["predict_seconds"]
    assert not [name for name in plain if name.startswith("tta_")]


def test_validation_images_have_both_errors_too(digits: Dataset) -> None:
    report, validation = assess(network(), digits, False, replace(views("shift"), test=False))
    assert report is None
    assert validation is not None
    numbers = validation.errors("validation")
    assert numbers["validation_images"] == 100
    assert {"validation_error", "tta_validation_error"} <= set(numbers)


def test_tables_have_no_views(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match="weight-age is a table") as refused:
        configure("experiment=weight-age", "evaluation.tta=affine")
    assert "\n" not in str(refused.value)


def test_numbers_have_no_probabilities_to_average() -> None:
    node = composition.compose_plain(["evaluation.tta=flip"])
    node["dataset"] |= {"class_names": None, "output_names": {"en": ["height"]}}
    with pytest.raises(ConfigurationError, match="mnist asks for numbers"):
        composition.typed_config(node)


@pytest.mark.parametrize("value", ["shfit", "evaluation.tta_versions=0"])
def test_bad_values_are_named(value: str, configure: Configure) -> None:
    override = value if "=" in value else f"evaluation.tta={value}"
    with pytest.raises(ConfigurationError, match=override.partition("=")[0]):
        configure(override)
