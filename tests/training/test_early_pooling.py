"""Pooling before bias and activation: the same network, on a CPU."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from runner.training.conv_pool_fusion import MONOTONE, fused
from runner.training.early_pooling import pooling_early


def network(activation: str, pooling: Any, bias: bool = True) -> keras.Model:
    keras.utils.set_random_seed(1)
    pixels = layers.Input((11, 11, 2))
    convolution = layers.Conv2D(
        4, 3, activation=activation, use_bias=bias, bias_initializer="normal"
    )
    return keras.Model(pixels, layers.Dense(3)(layers.Flatten()(pooling(convolution(pixels)))))


def results(model: keras.Model, images: Any) -> tuple[Any, Any]:
    """Return outputs and gradients."""
    with tf.GradientTape() as tape:
        outputs = model(images)
        loss = tf.reduce_sum(tf.square(outputs))
    return outputs, tape.gradient(loss, [one.value for one in model.trainable_variables])


@pytest.mark.parametrize("activation", [*MONOTONE, "gelu"])
@pytest.mark.parametrize("bias", [True, False])
def test_outputs_are_the_same_and_gradients_within_rounding(activation: str, bias: bool) -> None:
    model = network(activation, layers.MaxPooling2D(2), bias)
    images = tf.random.stateless_normal([8, 11, 11, 2], [0, 1])
    outputs, gradients = results(model, images)
    with pooling_early(model):
        early, early_gradients = results(model, images)
    np.testing.assert_array_equal(early, outputs)
    for one, other in zip(early_gradients, gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
    assert not any("call" in vars(layer) for layer in model.layers)


@pytest.mark.parametrize(
    ("activation", "pooling", "waits"),
    [
        ("relu", layers.MaxPooling2D(3, 2, "same"), True),
        ("relu", layers.AveragePooling2D(2), False),
        ("gelu", layers.MaxPooling2D(2), False),  # falls where it is negative
    ],
)
def test_where_bias_and_activation_wait(activation: str, pooling: Any, waits: bool) -> None:
    model = network(activation, pooling)
    images = tf.random.stateless_normal([8, 11, 11, 2], [0, 1])
    plain = model(images)
    with pooling_early(model):
        assert ("call" in vars(pooling)) == waits
        np.testing.assert_array_equal(model(images), plain)


def test_a_convolution_that_others_read_keeps_its_activation() -> None:
    pixels = layers.Input((8, 8, 1))
    features = layers.Conv2D(2, 3, activation="relu")(pixels)
    model = keras.Model(pixels, [layers.MaxPooling2D(2)(features), features])
    with pooling_early(model):
        assert not any("call" in vars(layer) for layer in model.layers)


def shared_pooling(pixels: Any) -> Any:
    pool, x = layers.MaxPooling2D(2), pixels
    for filters in (3, 3):
        x = pool(layers.Conv2D(filters, 3, activation="relu", bias_initializer="normal")(x))
    return x


def shared_convolution(pixels: Any) -> Any:
    convolution = layers.Conv2D(2, 3, activation="relu", bias_initializer="normal")
    pooled = layers.MaxPooling2D(2)(convolution(pixels))
    return layers.Add()([pooled, layers.AveragePooling2D(2)(convolution(pixels[:, ::-1]))])


def shared_reader(pixels: Any) -> Any:
    sums = layers.GlobalAveragePooling2D()
    other = sums(layers.Conv2D(2, 3)(pixels))
    features = layers.Conv2D(2, 3, activation="relu", bias_initializer="normal")(pixels)
    return layers.Add()([sums(layers.MaxPooling2D(2)(features)), sums(features), other])


def activated_by_a_layer(pixels: Any) -> Any:
    return layers.MaxPooling2D(2)(layers.Conv2D(2, 3, activation=layers.LeakyReLU(0.1))(pixels))


def activated_by_a_namesake(pixels: Any) -> Any:
    def relu(outputs: Any) -> Any:
        return -tf.abs(outputs)

    return layers.MaxPooling2D(2)(layers.Conv2D(2, 3, activation=relu)(pixels))


@pytest.mark.parametrize("faster", [pooling_early, fused])
@pytest.mark.parametrize(
    "build",
    [
        *(shared_pooling, shared_convolution, shared_reader),
        *(activated_by_a_layer, activated_by_a_namesake),
    ],
)
def test_layers_of_other_people_compute_what_they_say(build: Any, faster: Any) -> None:
    """Layers that are called twice, and activations that are no function of Keras."""
    keras.utils.set_random_seed(1)
    pixels = layers.Input((18, 18, 1))
    model = keras.Model(pixels, build(pixels))
    images = tf.random.stateless_normal([4, 18, 18, 1], [0, 1])
    plain = model(images)
    with faster(model):
        np.testing.assert_allclose(model(images), plain, rtol=1e-5, atol=1e-5)
