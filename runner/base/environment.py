"""The environment of a run: versions of packages, hardware, commit of the code."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from runner.base.lazy import tf
from runner.base.program_files import CHECKOUT

PACKAGES = ("tensorflow", "keras", "numpy", "hydra-core", "mlflow", "matplotlib", "scikit-learn")


def describe_environment() -> dict[str, str]:
    """Return versions of Python, packages, CUDA and cuDNN, and the CPU, memory and GPU."""
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        **_gpu(),
        "cpu": cpu_name(),
        "memory": _memory(),
        "system": platform.platform(),
    }


def cpu_name() -> str:
    """Return the processor's name and number of cores."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {psutil.cpu_count()} cores"


def git_state() -> dict[str, str]:
    """Return the commit of this code, and whether it has uncommitted changes; empty outside git."""
    if CHECKOUT is None:
        return {}  # git would describe whatever repository the environment lies in
    root = CHECKOUT / "runner"

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603

    try:
        commit = git("rev-parse", "HEAD")
        dirty = bool(git("status", "--porcelain", "--", ".", "../conf"))
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"git_commit": commit, "git_dirty": str(dirty).lower()}


def _memory() -> str:
    return f"{psutil.virtual_memory().total / 2**30:.0f} GiB"


def _gpu() -> dict[str, str]:
    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name", "?") for gpu in gpus]
    build = tf.sysconfig.get_build_info()
    libraries = {
        "cuda": str(build.get("cuda_version", "none")),
        "cudnn": str(build.get("cudnn_version", "none")),
    }
    return {"gpu": ", ".join(names) or "none"} | libraries
