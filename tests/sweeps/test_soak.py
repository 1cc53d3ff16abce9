"""A sweep whose workers are killed at random, with a database that is locked again and again.

`SOAK_JOBS=200 python -m pytest -m slow tests/sweeps/test_soak.py` tries it with more jobs.
"""

import csv
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import mlflow
import psutil
import pytest

JOBS = int(os.environ.get("SOAK_JOBS", "12"))
SETTINGS = (
    *("dataset=5-vs-6", "dataset.train_size=200", "dataset.validation_fraction=0.5"),
    *("model=dense", "model.hidden_units=[4]", "training.epochs=1", "device=cpu"),
    *(f"seed=range(0,{JOBS})", "figures=[]", "tracking.log_model=false", "sweep.name=soak"),
    *("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
)
DIFFERENT_EACH_TIME = ("train_seconds", "run_id")
STARTS = 8


def start(folder: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "runner", "-m", *SETTINGS]
    with (folder / "output.txt").open("ab") as output:
        return subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)


def disturb(
    process: "subprocess.Popen[bytes]", folder: Path, chance: random.Random
) -> Counter[str]:
    """Kill workers and lock the database until the sweep ends; return how often."""
    done: Counter[str] = Counter()
    while process.poll() is None:
        time.sleep(chance.uniform(1, 5))
        with suppress(psutil.NoSuchProcess):
            workers = [one for one in psutil.Process(process.pid).children() if _works(one)]
            if workers and done["killed"] < max(1, JOBS // 4):
                chance.choice(workers).kill()
                done["killed"] += 1
        database = folder / "outputs/mlflow.db"
        if database.is_file() and process.poll() is None:
            with suppress(sqlite3.OperationalError), closing(_locked(database)):
                time.sleep(chance.uniform(1, 8))
                done["locked"] += 1
    return done


def _works(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "popen_loky" in " ".join(process.cmdline())
    return False


def _locked(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database, timeout=5, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "outputs/sweeps/soak/report.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [{k: v for k, v in row.items() if k not in DIFFERENT_EACH_TIME} for row in rows]
    return sorted(kept, key=lambda row: row["job"])


def finished_jobs(folder: Path) -> list[Any]:
    client = mlflow.MlflowClient(f"sqlite:///{folder}/outputs/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(experiments, "tags.level = 'job'", max_results=1_000)
    assert {run.info.status for run in runs} <= {"FINISHED", "FAILED", "KILLED"}
    return [run for run in runs if run.info.status == "FINISHED"]


@pytest.mark.slow
def test_a_disturbed_sweep_has_the_results_of_an_undisturbed_one(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for folder in (calm, rough):
        folder.mkdir()
    assert start(calm).wait() == 0, (calm / "output.txt").read_text()[-2_000:]
    chance, done = random.Random(0), Counter[str]()
    for _ in range(STARTS):
        process = start(rough)
        done += disturb(process, rough, chance)
        if process.returncode == 0:
            break
    assert process.returncode == 0, (rough / "output.txt").read_text()[-2_000:]
    assert min(done["killed"], done["locked"]) > 0
    assert "Traceback" not in (rough / "output.txt").read_text()
    assert table(rough) == table(calm)
    track = [sys.executable, "-m", "runner", "track"]
    tracked = subprocess.run(track, cwd=rough, capture_output=True, text=True, check=False)
    assert tracked.returncode == 0, tracked.stderr
    jobs = finished_jobs(rough)
    assert sorted(run.data.tags["job"] for run in jobs) == sorted(f"seed={n}" for n in range(JOBS))
    sys.stderr.write(f"{JOBS} jobs, {dict(done)}, {len(jobs)} finished once\n")
