"""Virtual adversarial training: what is added to the loss of each seed, and where it is refused."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from runner.base.errors import ConfigurationError
from runner.config.run_config import Config
from runner.config.training_config import VirtualAdversarialConfig
from runner.datasets.splits import Dataset
from runner.training.trainer import Trainer
from runner.training.virtual_adversarial import PIXEL_RANGE, VirtualAdversarial
from training.test_seeds_together import CPU, NETWORKS, SGD, compare, small, trainer

Configure = Callable[..., Config]
DISTURBED = "training.virtual_adversarial={epsilon: 0.5, weight: 0.7}"
WEIGHTS = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32) / PIXEL_RANGE


def linear(images: Any) -> Any:
    return tf.reshape(images, [-1, 12]) @ WEIGHTS


def divergence(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
    wanted, found = (tf.nn.log_softmax(one).numpy() for one in (before, after))
    return np.asarray((np.exp(wanted) * (wanted - found)).sum(axis=1))


@pytest.mark.parametrize("logits", [True, False])
def test_the_direction_found_is_worse_than_others_of_its_length(logits: bool) -> None:
    images = np.random.default_rng(1).uniform(0, 255, (6, 2, 6, 1)).astype(np.float32)
    added = VirtualAdversarial(VirtualAdversarialConfig(0.3, weight=2.0), 1, logits)
    forward = linear if logits else lambda x: tf.nn.softmax(linear(x))
    of_steps = [float(added.penalty(forward, tf.constant(images), step)[0]) for step in range(8)]
    draws = np.random.default_rng(2).normal(size=(500, *images.shape)).astype(np.float32)
    draws /= np.sqrt(np.square(draws).sum(axis=(2, 3, 4), keepdims=True))
    before = linear(images).numpy()
    others = [
        divergence(before, linear(images + 0.3 * PIXEL_RANGE * draw).numpy()) for draw in draws
    ]
    worst = 2 * np.max(others, axis=0).mean()
    assert np.mean(of_steps) > 0.8 * worst > 2 * 2 * np.mean(others)
    assert max(of_steps) < 3 * worst


def test_two_classes_by_one_output_are_compared_as_by_two() -> None:
    images = np.random.default_rng(1).uniform(0, 255, (4, 2, 6, 1)).astype(np.float32)
    config = VirtualAdversarialConfig(0.3)

    def one(x: Any) -> Any:
        return linear(x)[:, :1]

    forms = {
        True: [one, lambda x: tf.concat([tf.zeros_like(one(x)), one(x)], axis=1)],
        False: [lambda x: tf.sigmoid(one(x))],
    }
    found = [
        float(VirtualAdversarial(config, 1, logits).penalty(form, tf.constant(images), 3)[0])
        for logits, several in forms.items()
        for form in several
    ]
    np.testing.assert_allclose(found, found[0], rtol=1e-4)


def test_each_seed_is_disturbed_as_if_alone(configure: Configure, digits: Dataset) -> None:
    options = ("training.epochs=1", "training.batch_size=150", *SGD, DISTURBED)
    more = ("model.batch_normalization=true", "model.noise=0.1")
    compare(configure(*NETWORKS["dense"], *options, *more), digits)


def test_moving_averages_know_the_images_alone(configure: Configure, digits: Dataset) -> None:
    """With weights that hardly move they are the same, disturbed or not; the loss is larger."""
    options = ("training.epochs=1", "training.batch_size=150", "optimizer.learning_rate=1e-12")
    network = (*NETWORKS["dense"], "model.batch_normalization=true")
    found = []
    for more in ((), (DISTURBED,)):
        config = configure(*network, *options, *more)
        training = trainer(config, small(digits), 1, CPU).fit(3, [])
        layer = training.model.get_layer("dense_1_normalization")
        found.append((training.history["loss"][0], np.array(layer.moving_mean)))
    assert found[1][0] > found[0][0] + 0.01
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["dataset=regression", "training.batch_size=2"], "regression has none"),
        (["dataset=shapes-labels"], "shapes-labels has none"),
        (["model.output_activation=sigmoid"], "output_activation=auto"),
    ],
)
def test_probabilities_of_classes_are_needed(
    overrides: list[str], words: str, configure: Configure
) -> None:
    with pytest.raises(ConfigurationError, match="virtual_adversarial") as no:
        configure(*overrides, DISTURBED)
    assert words in str(no.value)


def test_a_network_that_cannot_be_disturbed_is_refused_in_one_line(
    configure: Configure, digits: Dataset
) -> None:
    config = configure("model=mobilenet", "model.weights=null", DISTURBED)
    with pytest.raises(ConfigurationError, match=r"virtual_adversarial: a frozen .*; choose null"):
        Trainer(config, digits.train, digits.validation, digits.task, CPU)
