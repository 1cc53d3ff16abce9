"""The device a run trains on, chosen before TensorFlow is imported and described for people."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from runner.base.cache import cache_folder
from runner.base.environment import cpu_name
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras, tf


@dataclass(frozen=True)
class Device:
    """Where training happens.

    Attributes:
        is_gpu: whether it is a GPU.
        name: as its maker calls it.
        reason: why this device.
    """

    is_gpu: bool
    name: str
    reason: str


def prepare_device(
    choice: Literal["auto", "cpu", "gpu"],
    precision: Literal["float32", "bfloat16"],
    deterministic: bool,
) -> Device:
    """Import TensorFlow, set it up, and say which device was taken and why.

    Raises:
        ConfigurationError: a GPU was asked for and TensorFlow finds none.
    """
    if choice == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    else:
        _keep_compiled(deterministic)
    with _without_collection():
        complaints = _import_tensorflow()

    tf.get_logger().setLevel("ERROR")  # each batch size is compiled once, which it warns of
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    gpus = tf.config.list_physical_devices("GPU") if choice != "cpu" else []
    if not gpus:
        return _cpu(choice, complaints)
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return Device(True, name, f"device={choice}: TensorFlow found {len(gpus)} GPU(s)")


@contextmanager
def _without_collection() -> Iterator[None]:
    """Keep Python from looking for garbage among a million new objects, and again at its end.

    It finds next to nothing there, and takes seconds: two of importing, two of ending. Only once,
    since what is frozen later would be the garbage of earlier jobs.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    gc.disable()
    yield
    gc.freeze()
    gc.enable()
    atexit.register(gc.freeze)


def _keep_compiled(deterministic: bool) -> None:
    """Let XLA keep what it compiled, and the kernels it chose by trial, for the next command."""
    compiled, tried = cache_folder() / "xla", cache_folder() / "xla-autotune"
    with suppress(OSError):  # without a home that can be written, every command compiles
        for directory in (compiled, tried):
            directory.mkdir(parents=True, exist_ok=True)
        _add_flags("TF_XLA_FLAGS", f"--tf_xla_persistent_cache_directory={compiled}")
        _add_flags("XLA_FLAGS", f"--xla_gpu_per_fusion_autotune_cache_dir={tried}")
    if deterministic:
        # Kernels are then not chosen by trial, and untried Triton's are slow.
        _add_flags("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")
        _add_flags("XLA_FLAGS", "--xla_gpu_enable_triton_gemm=false")


def _add_flags(variable: str, flags: str) -> None:
    os.environ[variable] = f"{os.environ.get(variable, '')} {flags}".strip()


def _import_tensorflow() -> str:
    """Import TensorFlow without its start-up messages, and return them.

    They come from C++ before any of its settings is read, so the file descriptor is turned away.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as messages:
        os.dup2(messages.fileno(), 2)
        try:
            tf.config.list_physical_devices()
        finally:
            os.dup2(kept, 2)
            os.close(kept)
        messages.seek(0)
        return messages.read().decode(errors="replace")


def _cpu(choice: str, complaints: str) -> Device:
    if choice == "cpu":
        return Device(False, cpu_name(), "device=cpu")
    missing = "TensorFlow found no GPU"
    if "Cannot dlopen" in complaints:
        missing += ": CUDA libraries are missing; install the extra [cuda]"
    if choice == "gpu":
        raise ConfigurationError(
            f"device=gpu: {missing}; install a driver and the extra [cuda], or choose device=cpu"
        )
    return Device(False, cpu_name(), f"device=auto: {missing}")
