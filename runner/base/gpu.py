"""The GPUs of this machine, their driver, and the CUDA libraries that programs find on it."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from ctypes.util import find_library
from importlib.metadata import distributions
from pathlib import Path

NONE = "none"
_QUERY = ("driver_version", "memory.total", "compute_cap")
_TIMEOUT = 10  # seconds; a driver that hangs is not to stop a training


def describe_gpus() -> dict[str, str]:
    """Return driver, memory and compute capability of the GPUs; empty where there is no driver.

    Several GPUs of one kind are described once.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return {}
    query = [program, f"--query-gpu={','.join(_QUERY)}", "--format=csv,noheader,nounits"]
    try:
        output = subprocess.run(query, capture_output=True, text=True, check=True, timeout=_TIMEOUT)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = [line.split(", ") for line in output.stdout.splitlines()]
    columns = [list(dict.fromkeys(column)) for column in zip(*rows, strict=False)]
    if len(columns) != len(_QUERY):
        return {}
    driver, memory, capability = columns
    return {
        "driver": ", ".join(driver),
        "gpu_memory": ", ".join(f"{int(m) / 1024:.0f} GiB" if m.isdigit() else m for m in memory),
        "compute_capability": ", ".join(capability),
    }


def cuda_version() -> str:
    """Return the version of the CUDA runtime on this machine, or `none`."""
    number = _asked("cudart", "cudaRuntimeGetVersion", by_pointer=True)
    if number:
        return f"{number // 1000}.{number % 1000 // 10}"
    return _packaged("nvidia-cuda-runtime")


def cudnn_version() -> str:
    """Return the version of cuDNN on this machine, or `none`."""
    number = _asked("cudnn", "cudnnGetVersion", by_pointer=False)
    if number:
        major = 10_000 if number >= 90_000 else 1_000  # noqa: PLR2004 - since cuDNN 9
        return f"{number // major}.{number % major // 100}.{number % 100}"
    return _packaged("nvidia-cudnn")


def _asked(library: str, function: str, by_pointer: bool) -> int:
    """Ask a shared library for its number of version; 0 where there is no such library."""
    for path in _libraries(library):
        with suppress(OSError, AttributeError):
            call = getattr(ctypes.CDLL(path), function)
            if not by_pointer:
                call.restype = ctypes.c_size_t
                return int(call())
            number = ctypes.c_int(0)
            if call(ctypes.byref(number)) == 0:
                return number.value
    return 0


def _libraries(name: str) -> Iterator[str]:
    """Yield where a library may be: first what this process has loaded, then the system's."""
    maps = Path("/proc/self/maps")
    for line in maps.read_text(encoding="utf-8").splitlines() if maps.is_file() else []:
        path = line.partition("/")
        if Path(path[2]).name.startswith(f"lib{name}.so"):
            yield "/" + path[2]
    found = find_library(name)
    if found:
        yield found


def _packaged(prefix: str) -> str:
    """Return the version of a library that was installed with pip, or `none`."""
    for distribution in distributions():
        name = distribution.name or ""
        if name == prefix or name.startswith(f"{prefix}-cu"):
            return distribution.version
    return NONE
