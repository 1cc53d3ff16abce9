"""Engines: what takes the steps of a training, for one seed or for several at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from numpy.typing import NDArray

from runner.base.compat import build_metrics
from runner.base.lazy import keras, tf
from runner.training.conv_pool_fusion import fused
from runner.training.early_pooling import pooling_early

Batch = tuple[Any, ...]
"""Images, targets and, where classes count differently, a weight for each."""
Metrics = dict[str, Any]
Measure = Callable[[Any, Any], Any]
"""From targets and outputs, [n, ...], to the metric of each item, [n]."""


class Engine(Protocol):
    """Takes steps on one network, or on the networks of several seeds at once.

    A batch holds the items of all seeds, one seed's after another's, [seeds * n, ...]. Steps and
    metrics are traced; the rest acts at once. The network shows one seed at a time.

    Attributes:
        seeds: that are trained at once; each has a slot, 0 .. seeds - 1.
    """

    seeds: int

    def train_step(self, batch: Batch) -> None:
        """Take a gradient step, and add the batch to the metrics."""

    def test_step(self, batch: Batch) -> None:
        """Add a batch to the metrics."""

    def training_metrics(self) -> Metrics:
        """Return the metrics since their reset, and the learning rate, each [seeds]."""

    def test_metrics(self) -> Metrics:
        """Return the metrics since their reset, each [seeds]."""

    def reset_metrics(self) -> None:
        """Begin the metrics anew."""

    def load(self, slot: int) -> None:
        """Let the network and its optimizer have the state of a seed."""

    def store(self, slot: int) -> None:
        """Give a seed the state of the network and its optimizer."""

    def keep(self, slot: int) -> None:
        """Let a seed end with the state of the network; further steps do not change it."""


class SingleSeed:
    """The engine of one seed: Keras' own steps.

    Args:
        network: compiled.
        xla: whether XLA compiles the steps.
        targets: of one item, encoded.
    """

    seeds = 1

    def __init__(self, network: keras.Model, xla: bool, targets: NDArray[Any]) -> None:
        self._network = network
        build_metrics(network, targets)
        self._faster = partial(fused if xla else pooling_early, network)
        self.reset_metrics = tf.function(network.reset_metrics, autograph=False)

    def train_step(self, batch: Batch) -> None:
        """Take a gradient step; see `Engine`."""
        with self._faster():
            self._network.train_step(batch)

    def test_step(self, batch: Batch) -> None:
        """Add a batch to the metrics; see `Engine`."""
        with self._faster():
            self._network.test_step(batch)

    def training_metrics(self) -> Metrics:
        """Return metrics and learning rate; see `Engine`."""
        rate = tf.identity(self._network.optimizer.learning_rate)
        return self.test_metrics() | {"learning_rate": rate[None]}

    def test_metrics(self) -> Metrics:
        """Return the metrics; see `Engine`."""
        return {name: value[None] for name, value in self._network.get_metrics_result().items()}

    def load(self, slot: int) -> None:
        """Do nothing: the network is that of the only seed."""

    def store(self, slot: int) -> None:
        """Do nothing: the network is that of the only seed."""

    def keep(self, slot: int) -> None:
        """Do nothing: no other seed needs further steps."""
