"""The device of a run, CPU or GPU, and the set-up of TensorFlow for it."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass
from typing import Literal

from runner.base.compat import hidden_packages
from runner.base.compiled_code import keep_compiled_code
from runner.base.environment import cpu_name
from runner.base.errors import ConfigurationError
from runner.base.lazy import keras, tf
from runner.base.program_files import is_program, own_conf


@dataclass(frozen=True)
class Device:
    """The device that trains.

    Attributes:
        is_gpu: whether it is a GPU.
        name: of the model, as the vendor gives it.
        reason: why this device was chosen, for people.
    """

    is_gpu: bool
    name: str
    reason: str


def prepare_device(
    choice: Literal["auto", "cpu", "gpu"],
    precision: Literal["float32", "bfloat16"],
    deterministic: bool,
) -> Device:
    """Import TensorFlow, set it up, and choose the device.

    Args:
        choice: `auto` is a GPU where TensorFlow finds one.
        precision: of the computations; variables are float32 in both.
        deterministic: whether each operation gives the same bits every time.

    Raises:
        ConfigurationError: `choice` is gpu and TensorFlow finds none.
    """
    if choice == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    else:
        keep_compiled_code(deterministic)
    with _without_garbage_collection():
        messages = _import_tensorflow()

    tf.get_logger().setLevel("ERROR")  # each batch size is compiled once, which it warns of
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    gpus = tf.config.list_physical_devices("GPU") if choice != "cpu" else []
    if not gpus:
        return _cpu(choice, messages)
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return Device(True, name, f"device={choice}: TensorFlow found {len(gpus)} GPU(s)")


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Turn garbage collection off while TensorFlow is imported, and at the end of the process.

    It finds next to nothing among a million new objects, and takes two seconds each time. Only for
    the first import, since freezing later would freeze the garbage of earlier jobs.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
    atexit.register(gc.freeze)


def _import_tensorflow() -> str:
    """Import TensorFlow without its start-up messages, and return them.

    They come from C++ before any of its settings is read, so the file descriptor is redirected;
    what another thread notes meanwhile is shown.
    What Keras would import for others, a third of the time, is left out, unless a notebook, a
    script or a part of the user goes on with it.
    """
    alone = is_program() and own_conf() is None
    unused = ("sklearn", "pandas", "matplotlib") if alone else ()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file, os.fdopen(os.dup(2), "w", buffering=1) as stderr:
        shown = redirect_stderr(stderr) if sys.stderr is sys.__stderr__ else nullcontext()
        os.dup2(file.fileno(), 2)
        try:
            with shown, hidden_packages(*unused):
                tf.config.list_physical_devices()
        finally:
            os.dup2(stderr.fileno(), 2)
        file.seek(0)
        return file.read().decode(errors="replace")


def _cpu(choice: str, messages: str) -> Device:
    if choice == "cpu":
        return Device(False, cpu_name(), "device=cpu")
    missing = "TensorFlow found no GPU"
    if "Cannot dlopen" in messages:
        missing += ": CUDA libraries are missing; install the extra [cuda]"
    if choice == "gpu":
        raise ConfigurationError(
            f"device=gpu: {missing}; install a driver and the extra [cuda], or choose device=cpu"
        )
    return Device(False, cpu_name(), f"device=auto: {missing}")
