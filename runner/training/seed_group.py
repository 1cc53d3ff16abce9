"""How many seeds are trained at once: what is configured, or what pays and fits into memory."""

from __future__ import annotations

from runner.base.compat import elementwise
from runner.base.device import Device
from runner.base.lazy import keras
from runner.config.run_config import Config
from runner.datasets.splits import TrainSplit
from runner.models import frozen
from runner.training.schedules import Schedule
from runner.training.seed_layers import unsupported

MOST = 20
"""Seeds at once, where that is chosen automatically: more gain little, and compile longer."""


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
        the number, and why it is 1 although the network or its data could be others; or an empty
        string.
    """
    wanted = config.seeds_together
    if remaining <= 1 or wanted == 1 or (wanted == "auto" and not device.is_gpu):
        return 1, ""
    obstacle = _obstacle(config, model, splits)
    if obstacle:
        return 1, obstacle
    groups = -(-remaining // (MOST if wanted == "auto" else wanted))
    return -(-remaining // groups), ""


def _obstacle(config: Config, model: keras.Model, splits: list[TrainSplit]) -> str:
    """Say why several seeds cannot be trained at once, or nothing."""
    if config.init_from is not None:
        return "init_from starts each from a state of its own"
    if frozen.split_frozen(model) is not None or config.training.fine_tuning is not None:
        return "a frozen backbone computes its features once for all of them"
    if any(split.images.nbytes > config.training.device_data_gb * 1e9 for split in splits):
        return "the images are streamed (training.device_data_gb)"
    layer = unsupported(model)
    if layer:
        return f"the layer {layer} trains for one seed only"
    optimizer = config.optimizer(Schedule(lambda rate: rate))
    if not elementwise(optimizer):
        return f"the optimizer {type(optimizer).__name__} does not treat each weight by itself"
    return ""
