"""Versions and hardware of a machine."""

from pathlib import Path

import pytest

from runner.base import environment, gpu


def fake_smi(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_the_driver_says_what_the_gpus_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = r"printf '570.1, 81559, 9.0\n570.1, 81559, 9.0\n'"
    fake_smi(tmp_path, lines, monkeypatch)
    assert gpu.describe_gpus() == {
        "driver": "570.1",
        "gpu_memory": "80 GiB",
        "compute_capability": "9.0",
    }


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'", ""])
def test_a_driver_that_fails_says_nothing(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_smi(tmp_path, script, monkeypatch)
    assert gpu.describe_gpus() == {}


def test_without_a_gpu_there_is_no_cuda_whatever_tensorflow_was_built_for() -> None:
    described = environment.describe_environment({"driver": "570.1"})
    assert described["gpu"] == described["cuda"] == described["cudnn"] == "none"
    assert "driver" not in described
    assert described["distribution"]


def test_libraries_installed_with_pip_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, version in {"nvidia_cudnn_cu12": "9.10.2.21", "torch": "2.9.0"}.items():
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {name.replace('_', '-')}\nVersion: {version}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(gpu, "_libraries", lambda name: iter(()))
    assert gpu.cudnn_version() == "9.10.2.21"
    assert environment.describe_environment({})["pytorch"] == "2.9.0"


def test_a_library_is_asked_for_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, said in ((91002, "9.10.2"), (8907, "8.9.7")):
        monkeypatch.setattr(gpu, "_asked", lambda *a, n=number, **k: n)
        assert gpu.cudnn_version() == said
    monkeypatch.setattr(gpu, "_asked", lambda *a, **k: 12050)
    assert gpu.cuda_version() == "12.5"
