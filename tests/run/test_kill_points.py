"""A small run that is killed at its file operations leaves nothing half, and is continued whole."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from runner.config.run_config import CONF


def killed(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "experiments.kill_points", *arguments],
        cwd=CONF.parent,
        env=os.environ | {"PYTHONPATH": str(CONF.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_killed_at_some_operations_a_run_goes_on_to_a_whole_result() -> None:
    found = killed("run", "--points", "4")
    assert found["failures"] == []
    assert found["killed"] == 4
    assert found["operations"] > 100


PARTS = 32


@pytest.mark.slow
@pytest.mark.parametrize("part", range(1, PARTS + 1))
@pytest.mark.parametrize("kind", ["run", "sweep"])
@pytest.mark.parametrize("store", ["folder", "mlflow"])
def test_killed_at_each_operation_it_goes_on_to_a_whole_result(
    kind: str, store: str, part: int
) -> None:
    found = killed(kind, "--store", store, "--first", str(part), "--step", str(PARTS))
    assert found["failures"] == []
    assert found["operations"] > 100
    assert found["killed"] == len(range(part, found["operations"] + 1, PARTS))
