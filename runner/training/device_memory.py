"""A device out of memory, said in one line with what to change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from runner.base.device import Device
from runner.base.errors import TrainingError
from runner.base.lazy import tf
from runner.config.run_config import Config

_WORDS = ("RESOURCE_EXHAUSTED", "out of memory", "Out of memory")


@contextmanager
def naming_memory(config: Config, device: Device, seeds: int = 1) -> Iterator[None]:
    """Name the batch size where a device runs out of memory.

    Args:
        config: of the run.
        device: that it runs on.
        seeds: that are trained at once.

    Raises:
        TrainingError: it did; by then TensorFlow has freed what it could.
    """
    try:
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.InternalError) as error:
        exhausted = isinstance(error, tf.errors.ResourceExhaustedError)
        if not exhausted and not any(word in str(error) for word in _WORDS):
            raise
        raise TrainingError(
            f"training.batch_size={config.training.batch_size}: {device.name} is out of memory; "
            f"choose {', '.join(_changes(config.training.batch_size, seeds))}, or a smaller "
            "network, and end other programs that use this device"
        ) from error


def _changes(batch_size: int, seeds: int) -> Iterator[str]:
    """Yield what can be changed so that less memory is taken."""
    if batch_size > 1:
        yield f"a smaller one, for example {batch_size // 2}"
    if seeds > 1:
        yield f"seeds_together={seeds // 2} so that fewer seeds are trained at once"
    yield "training.device_data_gb=0 so that images are streamed"
