"""How many seeds are trained at once: what is configured, or what pays and fits into memory."""

from __future__ import annotations

import math

from runner.base.compat import elementwise
from runner.base.device import Device
from runner.base.lazy import keras
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models import frozen
from runner.training.schedules import Schedule
from runner.training.seed_layers import unsupported
from runner.training.step_memory import step_memory

MOST = 20
"""Seeds at once, where that is chosen automatically: more gain little, and compile longer."""
MOST_PRODUCTS = 1_000_000_000
"""Multiplications in a step of one seed above which a GPU is busy with it alone.

Four seeds of vgg-3x3, 2 928 million, take 0.43 s a seed for 0.48 s alone, and compile twice as
long.
"""
MOST_BYTES = 8_000_000_000
"""Memory that the seeds take at most, as estimated."""


def seeds_at_once(
    config: Config, remaining: int, model: keras.Model, splits: list[TrainSplit], device: Device
) -> tuple[int, str]:
    """Choose the number of seeds that are trained at once.

    Args:
        config: of the run.
        remaining: seeds that are to be trained.
        model: that is trained.
        splits: images to train on, and to watch.
        device: that trains.

    Returns:
        the number, and why it is 1 although several are to be trained; or an empty string.
    """
    wanted = config.seeds_together
    if remaining <= 1 or wanted == 1 or (wanted == "auto" and not device.is_gpu):
        return 1, ""
    why = _obstacle_of_data(config, splits) or obstacle(config, model)
    if not why and wanted == "auto":
        why = _no_gain(config, model)
    if why:
        return 1, why
    most = _fitting(config, model) if wanted == "auto" else wanted
    groups = -(-remaining // most)
    return -(-remaining // groups), ""


def obstacle(config: Config, model: keras.Model) -> str:
    """Say why the variables of several networks like this cannot be stacked, or nothing."""
    if frozen.split_frozen(model) is not None or config.training.fine_tuning is not None:
        return "a frozen backbone computes its features once for all seeds"
    layer = unsupported(model)
    if layer:
        return f"the layer {layer} trains for one seed only"
    optimizer = config.optimizer(Schedule(lambda rate: rate))
    if not elementwise(optimizer):
        return f"the optimizer {type(optimizer).__name__} does not treat each weight by itself"
    return ""


def _obstacle_of_data(config: Config, splits: list[TrainSplit]) -> str:
    if config.init_from is not None:
        return "init_from starts each seed from a state of its own"
    if any(split.images.nbytes > config.training.device_data_gb * 1e9 for split in splits):
        return "the images are streamed (training.device_data_gb)"
    return ""


def _no_gain(config: Config, model: keras.Model) -> str:
    products = config.training.batch_size * sum(map(_products, model.layers))
    if products <= MOST_PRODUCTS:
        return ""
    return f"a step of one, {products / 1e6:,.0f} million products, keeps the GPU busy"


def _fitting(config: Config, model: keras.Model) -> int:
    """Return how many seeds fit into the memory."""
    size = step_memory(model, config.training.batch_size).total
    return max(1, min(MOST, MOST_BYTES // size))


def _products(layer: keras.Layer) -> int:
    """Return the multiplications that a layer needs for an image."""
    kernels = [one.shape for one in layer.trainable_weights if len(one.shape) > 1]
    return math.prod(layer.output.shape[1:-1]) * sum(map(math.prod, kernels)) if kernels else 0
