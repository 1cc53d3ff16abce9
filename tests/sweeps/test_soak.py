"""A sweep that faults are done to the whole time has each result once: `experiments/soak.py`."""

import json
import subprocess
import sys

import pytest

from runner.config.run_config import CONF

JOBS = 8


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
