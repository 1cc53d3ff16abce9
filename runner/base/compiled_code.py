"""Folders in which XLA keeps what it compiled for a GPU, and which kernels it chose by timing."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from runner.base.cache import cache_folder, limit_size

_GIGABYTES = 4.0
_LEAST_FREE = 100_000_000  # bytes; a compilation fails where what it chose cannot be written
_SPLITTING = frozenset(" \t\r\n")
"""Where XLA splits flags: it would use another folder, whose name ends there."""

_TENSORFLOW = re.compile(r"(tensorflow|tf_nightly)(_cpu)?-\d.*")
_CHOOSING = re.compile(rf"{_TENSORFLOW.pattern}|nvidia_(cublas|cudnn)(_cu\d+)?-\d.*")
"""Packages whose kernels are chosen from: another version may not have the one that was kept."""


def keep_compiled_code(deterministic: bool) -> None:
    """Let XLA find in later commands what this one compiles; before TensorFlow is imported.

    A program that was compiled before is loaded. One with other layers or numbers compiled in takes
    over the kernels chosen for products of the same shapes, which is most of a compilation. Those
    of other versions stay: another environment may be at work with them, and a compilation fails
    where the folder is gone.

    Args:
        deterministic: whether kernels must not be chosen by timing.
    """
    compiled = cache_folder() / "xla"
    if _can_keep(compiled):
        limit_size(compiled, _GIGABYTES)
        _add_flags("TF_XLA_FLAGS", f"--tf_xla_persistent_cache_directory={compiled}")
    if deterministic:  # untried, Triton's kernels are slow
        _add_flags(
            "XLA_FLAGS", "--xla_gpu_deterministic_ops=true --xla_gpu_enable_triton_gemm=false"
        )
        return
    versions = _versions()
    chosen = cache_folder() / "xla-autotune" / versions
    if versions and _can_keep(chosen):
        # TensorFlow 2.21 reads the first; XLA before and after it the second
        for option in ("experimental_autotuner_cache_dir", "per_fusion_autotune_cache_dir"):
            _add_flags("XLA_FLAGS", f"--xla_gpu_{option}={chosen}")


def _can_keep(folder: Path) -> bool:
    if _SPLITTING.intersection(str(folder)):
        return False
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
        return writable and shutil.disk_usage(folder).free >= _LEAST_FREE
    return False  # without a home, say: every command compiles


def _versions() -> str:
    """Return what kernels are chosen from; nothing where it is not known which TensorFlow that is.

    Names of folders say it in a millisecond; to read what is in all of them takes 70.
    """
    folders = {path.stem for place in sys.path for path in Path(place).glob("*.dist-info")}
    found = sorted(filter(_CHOOSING.fullmatch, folders), reverse=True)
    return "+".join(found) if any(map(_TENSORFLOW.fullmatch, found)) else ""


def _add_flags(variable: str, flags: str) -> None:
    given = os.environ.get(variable, "")
    if flags not in given:  # as an earlier job of this process left it
        os.environ[variable] = f"{given} {flags}".strip()
