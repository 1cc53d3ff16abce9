"""The environment of a run: versions of packages, hardware, commit of the code."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from runner.base import gpu
from runner.base.lazy import tf
from runner.base.program_files import CHECKOUT

_LONGEST_DIFF = 1_000_000
PACKAGES = ("tensorflow", "keras", "numpy", "hydra-core", "mlflow", "matplotlib", "scikit-learn")
_IF_INSTALLED = {
    "pytorch": ("torch",),
    "opencv": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
}
"""Not used by the program; distributions that bring each."""


def describe_environment(driver: Mapping[str, str]) -> dict[str, str]:
    """Return versions of Python, packages and the system, the GPU with what drives it, and the CPU.

    CUDA and cuDNN are those of this machine, `none` without a GPU, not TensorFlow's own.

    Args:
        driver: what `runner.base.gpu.describe_gpus` returned.
    """
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        **_other_packages(),
        **_gpu(driver),
        "cpu": cpu_name(),
        "memory": _memory(),
        "distribution": _distribution(),
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
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return {}
    dirty = bool(_git("status", "--porcelain", "--", ".", "../conf"))
    return {"git_commit": commit, "git_dirty": str(dirty).lower()}


def git_diff() -> str:
    """Return what is not committed in code and `conf/`, as a patch; empty outside git."""
    diff = _git("diff", "HEAD", "--", ".", "../conf")
    return f"{diff}\n" if 0 < len(diff) <= _LONGEST_DIFF else ""


def _git(*arguments: str) -> str:
    """Return what git says of the checkout; an empty string where it says nothing."""
    if CHECKOUT is None:
        return ""  # git would describe whatever repository the environment lies in
    command = ["git", "-C", str(CHECKOUT / "runner"), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _memory() -> str:
    return f"{psutil.virtual_memory().total / 2**30:.0f} GiB"


def _other_packages() -> dict[str, str]:
    """Return versions of packages that many machines have beside this program; not imported."""
    found = {}
    for name, distributions in _IF_INSTALLED.items():
        for distribution in distributions:
            with suppress(PackageNotFoundError):
                found[name] = version(distribution)
    return found


def _distribution() -> str:
    """Return the name of the Linux distribution, or `unknown`."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown"


def _gpu(driver: Mapping[str, str]) -> dict[str, str]:
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return {"gpu": gpu.NONE, "cuda": gpu.NONE, "cudnn": gpu.NONE}
    names = [tf.config.experimental.get_device_details(one).get("device_name", "?") for one in gpus]
    libraries = {"cuda": gpu.cuda_version(), "cudnn": gpu.cudnn_version()}
    return {"gpu": ", ".join(names)} | libraries | dict(driver)
