"""The variables of a network and its optimizer, stacked over several seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from runner.base.compat import rate_of, replace_rate
from runner.base.lazy import keras, tf

_WEIGHTS = "weights"


class StackedVariables:
    """The variables of every seed, and the network that shows one seed at a time.

    All trained weights are one variable, [seeds, weights], so that an elementwise optimizer is one
    operation for all layers and seeds.

    Args:
        network: compiled with its optimizer; its present state becomes that of every seed.
        new_optimizer: builds an optimizer like it, for other variables.
        seeds: number of seeds.
        xla: whether XLA compiles what copies them; a GPU loads one kernel then, not a dozen.

    Attributes:
        weights: trained weights, Keras variable [seeds, weights].
        optimizer: of them; its learning rate is [seeds, 1] unless it follows a schedule over steps.
    """

    def __init__(
        self, network: keras.Model, new_optimizer: Callable[[list[Any]], Any], seeds: int, xla: bool
    ) -> None:
        self._network, self._seeds = network, seeds
        self._trained = network.trainable_variables
        self._sizes = [math.prod(variable.shape) for variable in self._trained]
        nothing = np.zeros([seeds, sum(self._sizes)], np.float32)
        self.weights = keras.Variable(nothing, name=_WEIGHTS)
        self.optimizer = new_optimizer([self.weights])
        self._stacks = {
            id(variable): (variable, self._stack(variable))
            for variable in network.non_trainable_variables
        }
        self._rows = [(self.weights, self._trained)]
        self._shared: list[tuple[Any, Any]] = []
        self._pair_optimizers()
        self._kept: dict[int, list[Any]] = {}
        compiled = partial(tf.function, autograph=False, jit_compile=xla)
        self._show, self._take = compiled(self._show_seed), compiled(self._take_seed)
        for seed in range(seeds):
            self.store(seed)

    def values(self) -> Callable[[Any], Any]:
        """Return what gives the values of a variable of the network for each seed, [seeds, ...]."""
        parts = tf.split(tf.convert_to_tensor(self.weights), self._sizes, axis=1)
        weights = {
            id(variable): tf.reshape(part, [self._seeds, *variable.shape])
            for variable, part in zip(self._trained, parts, strict=True)
        }

        def value(variable: Any) -> Any:
            key = id(variable)
            return weights[key] if key in weights else tf.convert_to_tensor(self._stacks[key][1])

        return value

    def assign(self, variable: Any, values: Any) -> None:
        """Give a variable that is not trained, such as a moving mean, new values [seeds, ...]."""
        self._stacks[id(variable)][1].assign(values)

    def load(self, seed: int) -> None:
        """Let the network and its optimizer have the variables of a seed, counted from 0."""
        if seed in self._kept:
            for variable, value in zip(self._shown, self._kept[seed], strict=True):
                variable.assign(value)
        else:
            self._show(tf.constant(seed))

    def store(self, seed: int) -> None:
        """Give a seed the variables of the network and its optimizer."""
        self._kept.pop(seed, None)
        self._take(tf.constant(seed))

    def keep(self, seed: int) -> None:
        """Let a seed end with the variables of the network; further steps do not change it."""
        self._kept[seed] = [variable.numpy() for variable in self._shown]

    @property
    def _shown(self) -> list[Any]:
        return [*self._network.variables, *self._network.optimizer.variables]

    def _stack(self, variable: Any) -> Any:
        return tf.Variable(np.stack([variable.numpy()] * self._seeds))

    def _pair_optimizers(self) -> None:
        """Pair the variables of the network's optimizer with those of the stacked weights'."""
        rate = rate_of(self._network.optimizer)
        shown = {one.name: one for one in self._network.optimizer.variables if one is not rate}
        shared = []
        for variable in self.optimizer.variables:
            prefix, _, slot = variable.name.partition(f"{_WEIGHTS}_")
            if not prefix and slot:
                names = [f"{one.path.replace('/', '_')}_{slot}" for one in self._trained]
                self._rows.append((variable, [shown.pop(name) for name in names]))
            elif variable is not rate_of(self.optimizer):
                shared.append(variable)
        # by their order: that of Nadam has another name in each optimizer
        self._shared += zip(shared, shown.values(), strict=True)
        if isinstance(rate, keras.Variable):
            rates = self._stack(rate)
            self._stacks[id(rate)] = rate, rates
            replace_rate(self.optimizer, lambda: tf.convert_to_tensor(rates)[:, None])

    def _show_seed(self, seed: Any) -> None:
        for stacked, variables in self._rows:
            parts = tf.split(tf.convert_to_tensor(stacked)[seed], self._sizes)
            for variable, part in zip(variables, parts, strict=True):
                variable.assign(tf.reshape(part, variable.shape))
        for variable, stacked in self._stacks.values():
            variable.assign(stacked[seed])
        for stacked, variable in self._shared:
            variable.assign(stacked)

    def _take_seed(self, seed: Any) -> None:
        for stacked, variables in self._rows:
            row = tf.concat([tf.reshape(variable, [-1]) for variable in variables], axis=0)
            self._set(stacked, seed, row)
        for variable, stacked in self._stacks.values():
            self._set(stacked, seed, variable)
        for stacked, variable in self._shared:
            stacked.assign(variable)

    def _set(self, stacked: Any, seed: Any, row: Any) -> None:
        chosen = tf.reshape(tf.range(self._seeds) == seed, [-1] + [1] * (len(stacked.shape) - 1))
        stacked.assign(tf.where(chosen, tf.convert_to_tensor(row)[None], stacked))
