"""Memory that a step of training takes, estimated from the shapes of layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from runner.base.device import Device
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.models import frozen
from runner.models.weight_memory import memory_limit

_FLOAT = 4  # bytes


@dataclass(frozen=True)
class StepMemory:
    """Bytes that a step needs for one seed.

    Attributes:
        weights: with gradients and two moments of an optimizer.
        values: that all layers give for the batch.
        kept: those of layers with weights, which the gradient needs in any case.
        patches: copies of pixels that convolutions as matrix products multiply.
    """

    weights: int
    values: int
    kept: int
    patches: int

    @property
    def total(self) -> int:
        """All of it, with a gradient of each value."""
        return self.weights + 2 * (self.values + self.patches)


def step_memory(model: keras.Model, batch_size: int) -> StepMemory:
    """Estimate the memory of a step; of a frozen backbone no values are kept."""
    parts = frozen.split_frozen(model)
    layers = (parts.head if parts else model).layers
    trained = [layer for layer in layers if layer.weights]
    return StepMemory(
        weights=_FLOAT * 4 * int(model.count_params()),
        values=_FLOAT * batch_size * sum(map(_values, layers)),
        kept=_FLOAT * batch_size * sum(map(_values, trained)),
        patches=_FLOAT * batch_size * sum(map(_patches, layers)),
    )


def check_memory(model: keras.Model, batch_size: int, device: Device) -> None:
    """Refuse a batch that has no room on a CPU; what a GPU lacks is said when it lacks it.

    Raises:
        ConfigurationError: weights and the values kept for the gradient take more memory than
            there is.
    """
    memory, limit = step_memory(model, batch_size), memory_limit()
    if device.is_gpu or memory.weights + memory.kept <= limit:
        return
    fitting = (limit - memory.weights) * batch_size // max(1, memory.kept)
    change = f"choose {fitting} or less, or" if fitting >= 1 else "choose"
    raise ConfigurationError(
        f"training.batch_size={batch_size}: the layers of {model.name} would keep "
        f"{memory.kept / 1e9:,.0f} GB of values in a step, and this machine has "
        f"{limit / 1e9:,.0f} GB; {change} a smaller network"
    )


def _values(layer: keras.Layer) -> int:
    outputs: list[Any] = keras.tree.flatten(layer.output)
    return sum(math.prod(side or 1 for side in output.shape[1:]) for output in outputs)


def _patches(layer: keras.Layer) -> int:
    """Return the pixel values in the patches that a convolution multiplies for an image."""
    if not isinstance(layer, keras.layers.Conv2D):
        return 0
    return int(math.prod([*layer.kernel.shape[:3], *layer.output.shape[1:3]]))
