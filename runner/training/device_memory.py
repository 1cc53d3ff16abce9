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
def naming_memory(config: Config, device: Device) -> Iterator[None]:
    """Name the batch size where a device runs out of memory.

    Raises:
        TrainingError: it did; by then TensorFlow has freed what it could.
    """
    try:
        yield
    except (tf.errors.ResourceExhaustedError, tf.errors.InternalError) as error:
        exhausted = isinstance(error, tf.errors.ResourceExhaustedError)
        if not exhausted and not any(word in str(error) for word in _WORDS):
            raise
        size = config.training.batch_size
        raise TrainingError(
            f"training.batch_size={size}: {device.name} is out of memory; choose a smaller one, "
            f"for example {max(1, size // 2)}, training.device_data_gb=0 so that images are "
            "streamed, or a smaller network, and end other programs that use this device"
        ) from error
