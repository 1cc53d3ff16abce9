"""A sweep that faults are done to the whole time has each result once: `experiments/soak.py`."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from experiments.faults import FAULTS, Victim, workers
from runner.base.compat import replaceable_pool
from runner.config.run_config import CONF

JOBS = 8


def test_what_is_killed_as_a_worker_is_one() -> None:
    sweep: Any = SimpleNamespace(pid=os.getpid())
    victim = Victim(Path(), Path(), None, sweep)
    before = {process.pid for process in workers(victim)}
    pool = replaceable_pool()
    try:
        worker = pool.submit(os.getpid).result()
        started = {process.pid for process in psutil.Process().children(recursive=True)}
        assert {process.pid for process in workers(victim)} - before == {worker}
        assert started - before > {worker}  # joblib's account of semaphores is not one
    finally:
        pool.shutdown(wait=True, kill_workers=True)


def test_a_fault_that_has_nothing_to_be_done_to_is_not_counted(tmp_path: Path) -> None:
    victim = Victim(tmp_path, tmp_path / "outputs/mlflow.db", None)
    for name in ("worker", "sweep", "lock", "server"):
        assert not FAULTS[name](victim, random.Random(), 0)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("store", "faults"),
    [("server", ["worker", "sweep", "lock", "server"]), ("sqlite", ["worker", "sweep", "lock"])],
)
def test_a_disturbed_sweep_ends_like_an_undisturbed_one(store: str, faults: list[str]) -> None:
    options = ["--jobs", str(JOBS), "--store", store, "--pause", "6", "--lasts", "6", "--faults"]
    done = subprocess.run(
        [sys.executable, "-m", "experiments.soak", *options, *faults],
        cwd=CONF.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    found = json.loads(done.stdout)
    assert found["same_table"]
    assert (found["rows"], found["finished"], found["reports"]) == (JOBS, JOBS, JOBS)
    assert sum(found["faults"].values()) > 2
