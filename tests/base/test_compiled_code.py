"""Where XLA keeps what it compiled."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from runner.base.compiled_code import keep_compiled_code

COMPILE = """
from runner.base.compiled_code import keep_compiled_code
keep_compiled_code({deterministic})
import tensorflow as tf
print(tf.function(lambda x: x @ x, jit_compile=True)(tf.ones([3, 3]))[0, 0].numpy())
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and no flags."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for name in ("XLA_FLAGS", "TF_XLA_FLAGS"):
        monkeypatch.setenv(name, "")
    return tmp_path


@pytest.mark.parametrize("deterministic", [False, True])
def test_xla_accepts_the_flags(deterministic: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILE.format(deterministic=deterministic)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "3.0\n", done.stderr  # XLA ends the process where it knows one not


def test_kernels_are_kept_by_version_and_flags_of_the_user_stay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_autotune_level=2")
    keep_compiled_code(deterministic=False)
    (versions,) = (home / "runner/xla-autotune").iterdir()
    assert versions.name.startswith("tensorflow-2.")
    own, *kept = os.environ["XLA_FLAGS"].split()
    assert own == "--xla_gpu_autotune_level=2"
    assert {flag.partition("=")[2] for flag in kept} == {str(versions)}


@pytest.mark.parametrize(
    ("installed", "folder"),
    [
        (["tensorflow_cpu-2.21.0"], ["tensorflow_cpu-2.21.0"]),
        (
            ["nvidia_cudnn_cu13-9.9", "nvidia_cublas-13.2", "tf_nightly-2.23.0.dev1", "numpy-2.4"],
            ["tf_nightly-2.23.0.dev1+nvidia_cudnn_cu13-9.9+nvidia_cublas-13.2"],
        ),
        (["tensorflow_datasets-4.9", "nvidia_cublas_cu12-12.9"], []),
        ([], []),
    ],
)
def test_kernels_are_kept_by_whatever_chooses_them_and_not_where_that_is_unknown(
    installed: list[str], folder: list[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in installed:
        (home / f"packages/{name}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", ["", str(home / "packages"), str(home / "nowhere.zip")])
    keep_compiled_code(deterministic=False)
    assert [path.name for path in home.glob("runner/xla-autotune/*")] == folder
    assert ("autotune" in os.environ["XLA_FLAGS"]) == bool(folder)


def test_deterministic_training_takes_over_no_kernel(home: Path) -> None:
    keep_compiled_code(deterministic=True)
    assert "autotune" not in os.environ["XLA_FLAGS"]
    assert not (home / "runner/xla-autotune").exists()


def test_nothing_is_kept_where_it_cannot_be_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "runner").write_text("not a folder")
    keep_compiled_code(deterministic=False)
    assert os.environ["XLA_FLAGS"] == os.environ["TF_XLA_FLAGS"] == ""
    (home / "runner").unlink()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    keep_compiled_code(deterministic=False)
    assert os.environ["XLA_FLAGS"] == os.environ["TF_XLA_FLAGS"] == ""


@pytest.mark.parametrize("name", ["a b", "a\tb", "a\nb"])
def test_nothing_is_kept_in_a_folder_whose_name_xla_would_cut(
    name: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / name))
    keep_compiled_code(deterministic=False)
    assert os.environ["XLA_FLAGS"] == os.environ["TF_XLA_FLAGS"] == ""
    assert list(home.iterdir()) == []


def test_what_was_compiled_long_ago_is_removed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = home / "runner/xla"
    kept.mkdir(parents=True)
    for age, name in enumerate(("new", "old")):
        (kept / name).write_bytes(bytes(1000))
        os.utime(kept / name, ns=(0, 10**18 - age))
    monkeypatch.setattr("runner.base.compiled_code._GIGABYTES", 1.5e-6)
    keep_compiled_code(deterministic=False)
    assert [path.name for path in kept.iterdir()] == ["new"]
