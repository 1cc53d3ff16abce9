"""Workers of a sweep: what each has of the machine, and that none outlives its parent."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from runner.config.run_config import CONF
from runner.sweeps import launchers

ROOT = CONF.parent


@pytest.mark.parametrize(
    ("worker_of", "gpus", "told", "gpu", "threads"),
    [
        ((0, 4), 4, "", "0", "2"),
        ((3, 4), 4, "", "3", "2"),
        ((5, 8), 4, "", "1", "1"),
        ((1, 2), 2, "4,6", "6", "4"),
        ((1, 2), 0, "", None, "4"),
    ],
)
def test_each_worker_has_its_share(
    worker_of: tuple[int, int],
    gpus: int,
    told: str,
    gpu: str | None,
    threads: str,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", told)
        own = launchers.worker_environment(*worker_of, gpus, cores=8)
    assert own.get("CUDA_VISIBLE_DEVICES") == gpu
    assert own["TF_NUM_INTRAOP_THREADS"] == threads


@pytest.mark.parametrize(
    ("n_jobs", "gpus", "cores", "workers"),
    [(None, 4, 64, 8), (None, 4, 2, 4), (None, 0, 6, 6), (3, 4, 64, 3)],
)
def test_two_workers_share_a_gpu_unless_told_otherwise(
    n_jobs: int | None, gpus: int, cores: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launchers, "joblib_package", SimpleNamespace(cpu_count=lambda: cores))
    launcher = launchers.joblib(n_jobs=n_jobs, gpus=gpus)
    launcher.close()
    assert launcher.slots == workers


@pytest.mark.parametrize(
    ("address", "asked"), [(None, "local"), ("auto", "auto"), ("10.0.0.1:6379", "10.0.0.1:6379")]
)
def test_without_an_address_ray_asks_no_other_cluster(
    address: str | None, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str | None] = []
    package = SimpleNamespace(
        init=lambda *, address, **_: given.append(address),
        remote=lambda **_: lambda perform: perform,
        cluster_resources=lambda: {"CPU": 2.0},
        shutdown=lambda: None,
    )
    monkeypatch.setattr(launchers, "_extra", lambda *_: package)
    launcher = launchers.ray(address=address)
    launcher.close()
    assert (given, launcher.slots) == ([asked], 2)


CHILD = """
import os, pathlib, sys, time
from runner.sweeps.worker import die_with
die_with(os.getppid())
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(60)
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"


def test_a_process_dies_with_its_parent(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD, str(told)], cwd=ROOT)
    until(lambda: told.is_file() and told.read_text() != "")
    child = psutil.Process(int(told.read_text()))
    parent.kill()
    parent.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def until(happened: Callable[[], bool]) -> None:
    for _ in range(300):
        if happened():
            return
        time.sleep(0.1)
    pytest.fail("it did not happen within 30 s")
