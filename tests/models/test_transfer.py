"""Networks on a frozen backbone: what it is given, its weights, what of it is trained."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from built_networks import blank, built, noise, trained_parameters

from runner.config.run_config import Config

Configure = Callable[..., Config]
TRANSFER = ("model=mobilenet",)


@pytest.mark.parametrize("gray", [True, False])
def test_a_transfer_network_prepares_images_as_its_backbone_was_trained(
    gray: bool, configure: Configure, weights: Path
) -> None:
    config = configure(*TRANSFER, f"model.weights={weights}", "model.image_size=64")
    images = noise(28, 28, 1 if gray else 3)
    model = built(config, blank(*images.shape[1:]))
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    rgb = np.repeat(images, 3, axis=-1) if gray else images
    resized = keras.ops.image.resize(rgb, (64, 64), interpolation="bilinear")
    prepared = keras.applications.mobilenet.preprocess_input(np.array(resized))
    assert prepared.min() < -0.5 < 0.5 < prepared.max() <= 1
    expected = np.asarray(backbone(prepared, training=False)).max(axis=(1, 2))
    features = keras.Model(model.input, model.get_layer("features").output)
    np.testing.assert_allclose(np.asarray(features(images)), expected, atol=1e-4)


@pytest.mark.parametrize("place", ["anywhere", "below RUNNER_DATA"])
def test_a_transfer_network_holds_the_weights_of_the_file(
    place: str, configure: Configure, weights: Path
) -> None:
    named = weights if place == "anywhere" else f"{weights.parent.name}/{weights.name}"
    model = built(configure(*TRANSFER, f"model.weights={named}"), blank(28, 28, 1))
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    original = keras.applications.MobileNet(
        (32, 32, 3), alpha=0.25, include_top=False, weights=str(weights)
    )
    assert backbone.input_shape == (None, 32, 32, 3)  # the smallest it accepts above 28
    for ours, theirs in zip(backbone.get_weights(), original.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_only_the_head_of_a_transfer_network_is_trained(
    configure: Configure, weights: Path
) -> None:
    model = built(configure(*TRANSFER, f"model.weights={weights}"), blank(28, 28, 1))
    # MobileNet of width .25 gives 256 features
    assert trained_parameters(model) == 257 * 128 + 129 * 64 + 65 * 32 + 33 * 10
    before = [variable.numpy() for variable in model.variables]
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    model.train_on_batch(noise(28, 28, 1), np.arange(3))
    trained = {id(variable) for variable in model.trainable_variables}
    for variable, old in zip(model.variables[: len(before)], before, strict=True):
        if "seed_generator" in variable.path:
            continue
        same = np.array_equal(variable.numpy(), old)
        assert same == (id(variable) not in trained), variable.path


def test_inception_resnet_v2_is_built_runs_and_learns(configure: Configure) -> None:
    config = configure("model=inception-resnet-v2", "model.weights=null")
    model = built(config, blank(28, 28, 1))
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    assert backbone.input_shape == (None, 75, 75, 3)  # the smallest it accepts
    head = 1537 * 128 + 129 * 64 + 65 * 32 + 33 * 10  # 1536 features
    assert trained_parameters(model) == head
    assert model.count_params() == head + 54_336_736  # Keras' own count without its top
    names = [layer.name for layer in model.layers if layer is not backbone]
    assert names[-6:] == ["features", "dense_1", "dense_2", "dense_3", "dropout", "output"]
    images, labels = noise(28, 28, 1, count=2), np.array([3, 7])
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    probabilities = np.asarray(model(images))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    before = model.get_layer("output").get_weights()[1]
    model.train_on_batch(images, labels)
    step = model.get_layer("output").get_weights()[1] - before
    assert step[3] > 0 > step[0]
    assert step[7] > 0
