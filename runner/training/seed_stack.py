"""The engine of several seeds: their gradient steps as one.

A step of a small network is bound by the number of kernels on a GPU, not by arithmetic; with
several seeds it takes little longer than with one. benchmarks/README.md has what it gains.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.base import losses
from runner.base.compat import build_metrics
from runner.base.lazy import keras, tf
from runner.base.tasks import Task
from runner.config.run_config import Config
from runner.training.conv_pool_fusion import Value, replaced
from runner.training.engine import Batch, Measure, Metrics
from runner.training.logit_metrics import measure_of
from runner.training.seed_layers import penalties, seed_calls
from runner.training.stacked_variables import StackedVariables
from runner.training.virtual_adversarial import VirtualAdversarial


class SeedStack:
    """The engine of several seeds; see `runner.training.engine`.

    Args:
        network: whose layers are supported; see `runner.training.seed_layers.unsupported`.
        variables: of each seed.
        seeds: number of seeds.
        loss: of a batch.
        metric: name and function of what is measured beside it.
        adversarial: what is added to the loss of a batch that is trained on.
    """

    def __init__(
        self,
        network: keras.Model,
        variables: StackedVariables,
        seeds: int,
        loss: keras.losses.Loss,
        metric: tuple[str, Measure],
        *,
        adversarial: VirtualAdversarial | None = None,
    ) -> None:
        self.seeds, self._network, self._variables = seeds, network, variables
        self._loss, (self._metric, self._measure) = loss, metric
        self._adversarial = adversarial
        self._totals = {name: tf.Variable([0.0] * seeds) for name in ("loss", self._metric)}
        self._items = tf.Variable(0.0)
        self.load, self.store, self.keep = variables.load, variables.store, variables.keep

    def train_step(self, batch: Batch) -> None:
        """Take a gradient step for every seed; see `Engine`."""
        weights, optimizer = self._variables.weights, self._variables.optimizer
        images, targets, *weights_of_items = batch
        with tf.GradientTape() as tape:
            outputs, losses = self._forward(images, targets, *weights_of_items, training=True)
            total = tf.reduce_sum(losses)  # the weights of each seed occur in its own loss alone
        optimizer.apply([tape.gradient(total, weights.value)], [weights])
        self._add(losses, targets, outputs)

    def test_step(self, batch: Batch) -> None:
        """Add a batch to the metrics of every seed; see `Engine`."""
        images, targets = batch
        outputs, losses = self._forward(images, targets, training=False)
        self._add(losses, targets, outputs)

    def training_metrics(self) -> Metrics:
        """Return metrics and learning rates; see `Engine`."""
        rate = tf.convert_to_tensor(self._variables.optimizer.learning_rate)
        return self.test_metrics() | {"learning_rate": tf.broadcast_to(rate, [self.seeds, 1])[:, 0]}

    def reset_metrics(self) -> None:
        """Set all sums of the metrics to zero; see `Engine`."""
        for total in [*self._totals.values(), self._items]:
            total.assign(np.zeros(total.shape, np.float32))

    def test_metrics(self) -> Metrics:
        """Return the metrics; see `Engine`."""
        return {name: total / self._items for name, total in self._totals.items()}

    def _forward(
        self, images: Any, targets: Any, weights: Any = 1.0, *, training: bool
    ) -> tuple[Any, Any]:
        """Return the outputs, [seeds * n, ...], and the loss of each seed, [seeds].

        Each item's share of the loss is multiplied with its weight, [seeds * n].
        """
        value = self._variables.values()
        added = self._disturbed(images, value) if training and self._adversarial else 0.0
        with replaced(seed_calls(self._network, value, self._variables.assign)):
            outputs = self._network(images, training=training)
        of_items = self._of_seeds(self._loss.call(targets, outputs) * weights)
        losses = tf.reduce_mean(of_items, axis=1)
        return outputs, losses + penalties(self._network, value) + added

    def _disturbed(self, images: Any, value: Value) -> Any:
        """Return what is added to the loss of each seed; moving averages and draws stay."""
        assert self._adversarial is not None
        with replaced(seed_calls(self._network, value, lambda *_: None)):
            return self._adversarial.penalty(
                lambda changed: self._network(changed, training=True),
                images,
                self._variables.optimizer.iterations,
            )

    def _of_seeds(self, values: Any) -> Any:
        return tf.reshape(values, [self.seeds, -1])

    def _add(self, losses: Any, targets: Any, outputs: Any) -> None:
        measured = self._of_seeds(self._measure(targets, outputs))
        items = tf.cast(tf.shape(measured)[1], tf.float32)
        self._totals["loss"].assign_add(losses * items)
        self._totals[self._metric].assign_add(tf.reduce_sum(measured, axis=1))
        self._items.assign_add(items)


def stacked_engine(
    network: keras.Model,
    variables: StackedVariables,
    *,
    seeds: int,
    task: Task,
    config: Config,
    targets: NDArray[Any],
) -> SeedStack:
    """Return the engine of several seeds of a configuration; for the arguments see `SeedStack`.

    Args:
        network: compiled.
        variables: of each seed.
        seeds: number of seeds.
        task: what is learned.
        config: of the run; the loss is resolved.
        targets: encoded, of one item.
    """
    # Keras builds its metrics in a step of its own; early stopping asks them what is better
    build_metrics(network, targets)
    metric = task.metric, measure_of(task, config.logits)
    chosen = config.training.virtual_adversarial
    added = VirtualAdversarial(chosen, seeds, config.logits) if chosen else None
    return SeedStack(network, variables, seeds, loss_of(config), metric, adversarial=added)


def loss_of(config: Config) -> keras.losses.Loss:
    """Return the loss of a configuration."""
    settings = config.training
    return losses.loss_function(settings.loss, settings.label_smoothing, config.logits)
