"""The start of a training: initial values, or a network with the state of its optimizer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from runner.base.compat import trained_shapes
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.models import saved_networks

_FREE = ("name", "trainable", "dtype", "seed", "mean", "variance", "optional")
"""Settings of a layer that may differ, as its initial weights may."""


@dataclass(frozen=True)
class Start:
    """A network as a training has left it.

    Attributes:
        network: compiled with its optimizer, if it was saved with one.
    """

    network: keras.Model

    @property
    def steps(self) -> int:
        """Number of gradient steps the optimizer has taken."""
        return int(self.network.optimizer.iterations.numpy()) if self.network.optimizer else 0

    def check(self, model: keras.Model) -> None:
        """Raise ConfigurationError, naming the first difference, where a model is another one."""
        for there, here in _pairs(self.network, model):
            difference = _difference(there, here)
            if difference:
                raise ConfigurationError(
                    f"init_from: another network was trained there: {difference}; choose the same "
                    "model and options"
                )

    def give_weights(self, model: keras.Model) -> None:
        """Give a model that passes `check` the weights."""
        for there, here in _pairs(self.network, model):
            for source, target in zip(there.weights, here.weights, strict=True):
                target.assign(source.numpy())

    def give_normalization(self, model: keras.Model) -> None:
        """Give a model the means and variances that are compiled into it as constants."""
        for there, here in _pairs(self.network, model):
            if isinstance(here, keras.layers.Normalization):
                here.set_weights(there.get_weights())
                here.finalize_state()

    def give_state(self, model: keras.Model, optimizer: Any) -> None:
        """Give an optimizer moments and number of steps, and let a model's dropout go on.

        The learning rate stays the one that is configured.
        """
        for source, target in zip(_kept(self.network.optimizer), _kept(optimizer), strict=True):
            target.assign(source.numpy())
        for variable in model.variables:
            if variable.name == "seed_generator_state":  # a seed, and how often it was drawn from
                variable.assign(variable.numpy() + np.array([0, self.steps], variable.dtype))

    def lacking(self, optimizer: Any) -> str:
        """Say why an optimizer cannot take the state over; nothing where it can."""
        known = self.network.optimizer
        if known is None:
            return "it was saved without an optimizer"
        there, here = type(known).__name__, type(optimizer).__name__
        if there != here:
            return f"it was trained with {there}, not {here}"
        if known.use_ema:
            return f"they are averages (optimizer.ema), not those its {there} ended with"
        if trained_shapes(known) != trained_shapes(optimizer):
            return "it trained other layers"
        if [v.shape for v in _kept(known)] != [v.shape for v in _kept(optimizer)]:
            return f"its {there} has other options"
        return ""


def load_start(path: Path) -> Start:
    """Load a network with its optimizer.

    Raises:
        DataError: the file holds no network.
    """
    return Start(saved_networks.load_network(path, with_optimizer=path.suffix == ".keras"))


def _kept(optimizer: Any) -> list[Any]:
    return [variable for variable in optimizer.variables if variable.name != "learning_rate"]


def _pairs(there: keras.Model, here: keras.Model) -> Iterator[tuple[Any, Any]]:
    """Pair the layers of two networks; dropout may come and go."""
    yield from zip_longest(*(
        [layer for layer in model.layers if not isinstance(layer, keras.layers.Dropout)]
        for model in (there, here)
    ))  # fmt: skip


def _difference(there: Any, here: Any) -> str:
    """Say in what two layers differ; nothing where they do not."""
    name = (there or here).name
    if there and here and there.name != here.name:
        name += f" ({here.name} here)"
    kinds = ["nothing" if layer is None else type(layer).__name__ for layer in (there, here)]
    if kinds[0] != kinds[1]:
        return f"{name} is {kinds[0]} there, {kinds[1]} here"
    settings = _settings(there), _settings(here)
    for key in sorted(settings[0].keys() & settings[1].keys()):
        if settings[0][key] != settings[1][key]:
            return f"{name} has {key}={settings[0][key]} there, {settings[1][key]} here"
    shapes = [[tuple(weight.shape) for weight in layer.weights] for layer in (there, here)]
    if shapes[0] != shapes[1]:
        return f"{name} has weights {shapes[0]} there, {shapes[1]} here"
    return ""


def _settings(layer: Any) -> dict[str, str]:
    """Return a layer's settings as text, without those of its initial values."""
    if isinstance(layer, keras.Model):
        return {}
    config = layer.get_config().items()
    return {
        key: json.dumps(value, default=str)
        for key, value in config
        if key not in _FREE and not key.endswith(("_initializer", "_regularizer", "_constraint"))
    }


class State:
    """Variables of a network or an optimizer, and their values at this moment."""

    def __init__(self, variables: Sequence[Any]) -> None:
        self._variables = list(variables)
        self._values = [variable.numpy() for variable in self._variables]

    def restore(self) -> None:
        """Give the variables back the values they had."""
        self._assign(self._values)

    def copy(self, others: Sequence[Any]) -> None:
        """Give the variables the values of others of the same shapes."""
        self._assign([other.numpy() for other in others])

    def _assign(self, values: Sequence[Any]) -> None:
        for variable, value in zip(self._variables, values, strict=True):
            variable.assign(value)
