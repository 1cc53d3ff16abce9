"""Classical baselines get the features of one layer."""

from contextlib import nullcontext
from typing import Any

import keras
import numpy as np
import pytest

from runner import datasets
from runner.base.errors import ConfigurationError
from runner.config.entries import VERSIONS_WITH_SHIFTS
from runner.datasets.splits import Dataset
from runner.evaluation.baselines.baseline_comparison import (
    Baselines,
    check_memory,
)
from runner.evaluation.baselines.layer_features import LayerFeatures
from runner.training.augmentation.geometry import SHIFTS, shift4

from .comparing import Configure


@pytest.mark.parametrize(
    ("layer", "baseline"),
    [("pixels", "svm"), ("pixels", "decision-tree"), ("pooling_2", "svm")],
)
def test_learners_are_fitted_again_where_the_seed_can_matter(
    layer: str, baseline: str, configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure(f"baselines=[{baseline}]", f"features.layer={layer}")
    baselines = Baselines(config, network, digits, xla=False)
    first, second = (baselines.compare(network, seed, lambda _: nullcontext()) for seed in (0, 1))
    assert first is not None
    assert (second is first) == ((layer, baseline) == ("pixels", "svm"))
    assert first.baselines[baseline]["train_images"] == len(digits.train)


@pytest.mark.parametrize(
    ("layer", "name", "count"),
    [("pooling_1", "pooling_1", 12 * 12 * 4), (-2, "dense_1", 16), (None, "dense_1", 16)],
)
def test_features_are_what_a_layer_gives(
    layer: Any, name: str, count: int, network: Any, digits: Dataset
) -> None:
    features = LayerFeatures(network, layer, digits.train, xla=False)
    assert (features.layer, features.count) == (name, count)
    images = digits.test.images[:7]
    inside = keras.Model(network.inputs, network.get_layer(name).output)
    expected = np.asarray(inside([images.astype(np.float32)])).reshape(7, -1)
    np.testing.assert_allclose(features(images), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("layer", ["convolution_2", "pooling_2"])
def test_compiled_features_are_the_same(layer: str, network: Any, digits: Dataset) -> None:
    """As on a GPU, where convolution and pooling are one product."""
    plain, compiled = (LayerFeatures(network, layer, digits.train, xla) for xla in (False, True))
    images = digits.test.images[:5]
    np.testing.assert_allclose(compiled(images), plain(images), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("layer", ["pixels", 0])
def test_the_input_is_features_too(layer: Any, network: Any, digits: Dataset) -> None:
    features = LayerFeatures(network, layer, digits.train, xla=False)
    assert (features.layer, features.count) == ("pixels", 784)
    expected = digits.test.images[:5].reshape(5, 784) / 255
    np.testing.assert_allclose(features(digits.test.images[:5]), expected, atol=1e-6)


def test_shifts_are_those_of_the_augmentation(network: Any, digits: Dataset) -> None:
    images = digits.train.images[:4]
    features = LayerFeatures(network, "pixels", digits.train, xla=False)
    given = features(images, shifts=True).reshape(5, 4, 28, 28, 1)
    for version in range(5):
        chosen = np.full(4, version, np.int32)
        moved, _ = shift4().apply(images.astype(np.float32), None, chosen, [0, 0])
        np.testing.assert_allclose(given[version], np.asarray(moved) / 255, atol=1e-6)


def test_columns_of_a_table_get_one_unit(configure: Configure) -> None:
    config = configure("experiment=weight-skin")
    data = datasets.load(config.dataset)
    model = config.model((2,), 3)
    values = LayerFeatures(model, "pixels", data.train, xla=False)(data.train.images)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("poling_2", r"features\.layer=poling_2: lenet has no .*did you mean pooling_2.*pixels, n"),
        ("99", "lenet has no such layer"),
    ],
)
def test_an_unknown_layer_is_found_before_training(
    layer: str, message: str, configure: Configure, network: Any, digits: Dataset
) -> None:
    config = configure("baselines=svm", f"features.layer={layer}")
    with pytest.raises(ConfigurationError, match=message):
        Baselines(config, network, digits, xla=False)


def test_features_that_do_not_fit_in_memory_are_refused() -> None:
    check_memory("pooling_2", 640, 60_000)
    with pytest.raises(ConfigurationError, match=r"layer=convolution_1: .* of 10,000,000,000 im"):
        check_memory("convolution_1", 11_520, 10**10)


def test_the_configuration_knows_how_many_shifts_there_are() -> None:
    assert len(SHIFTS) == VERSIONS_WITH_SHIFTS
