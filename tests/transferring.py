"""What the tests of frozen parts and of fine-tuning share: a small network with a backbone."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from runner.base.device import Device
from runner.config.run_config import Config
from runner.datasets.splits import Dataset, TrainSplit
from runner.training.trained import Training
from runner.training.trainer import Trainer

CPU = Device(False, "CPU", "a test")
XLA = Device(True, "CPU, compiled by XLA as for a GPU", "a test")
SHAPES = ("dataset=shapes-drawn", "dataset.train_size=48", "dataset.validation_fraction=0.16667")
# 40 and 8 images: a smaller last batch would have to be compiled for in every test
SMALL = (*SHAPES, "training.batch_size=8", "training.epochs=3", "optimizer.learning_rate=0.01")


def network(
    shape: tuple[int, ...],
    outputs: int,
    *,
    width: int = 6,
    noise: float = 0.0,
    inner_dropout: float = 0.0,
    dropout: float = 0.5,
    features: str = "features",
) -> keras.Model:
    """A frozen backbone with batch normalization and dropout in it, and a head with dropout."""
    inside = layers.Input(shape, name="inside")
    x = layers.Conv2D(4, 3, strides=2, activation="relu", name="low")(inside)
    x = layers.BatchNormalization(name="normalization")(x)
    x = layers.Dropout(inner_dropout, name="inner_dropout")(x)
    x = layers.Conv2D(width, 3, strides=2, name="high")(x)
    x = layers.BatchNormalization(name="last_normalization")(x)
    backbone = keras.Model(inside, layers.Activation("relu", name="last")(x), name="backbone")
    backbone.trainable = False
    pixels = layers.Input(shape, name="pixels")
    x = layers.GaussianNoise(noise, name="noise")(pixels) if noise else pixels
    x = backbone(layers.Rescaling(1 / 255, name="scaling")(x), training=False)
    x = layers.GlobalMaxPooling2D(name=features)(x)
    x = layers.Dense(8, activation="relu", name="dense")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(pixels, layers.Dense(outputs, activation="softmax", name="output")(x))


class Said(list[str]):
    """What people were told."""

    def __call__(self, text: str, end: str = "\n") -> None:
        self.append(text)

    @property
    def how(self) -> list[str]:
        return [text.rpartition(" in ")[0] for text in self[1::2]]


def with_a_smaller_last_batch(data: Dataset) -> Dataset:
    """33 images are four batches of 8, and one image."""
    return replace(data, train=TrainSplit(data.train.images[:33], data.train.labels[:33]))


def trainer(
    config: Config, data: Dataset, said: Said | None = None, device: Device = CPU
) -> Trainer:
    said = Said() if said is None else said
    return Trainer(config, data.train, data.validation, data.task, device, say=said)


def weights(training: Training) -> list[NDArray[Any]]:
    return [np.array(weight) for weight in training.model.get_weights()]


def assert_same(ours: list[NDArray[Any]], theirs: list[NDArray[Any]]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
