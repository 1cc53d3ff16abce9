"""A sweep of 40 small jobs, killed with SIGKILL at five random moments and started again each time.

    python experiments/kill_test.py                     jobs one after another
    python experiments/kill_test.py --workers 2         in two worker processes

Afterwards each of the 40 jobs must be finished once, and the table be that of an undisturbed sweep.
Prints what was found, and exits with 1 where that is not so. About 5 minutes on 2 cores.
"""

import argparse
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KILLS, JOBS = 5, 40
SETTINGS = (
    *("dataset.train_size=200", "dataset.validation_fraction=0.5", "training.epochs=1"),
    *("model=dense", "model.hidden_units=[4],[8]", "optimizer.learning_rate=0.001,0.01"),
    *("seed=range(0,10)", "figures=[]", "tracking.log_model=false", "sweep.name=kill-test"),
)
DIFFERENT_EACH_TIME = ("train_seconds", "run_id")


def main() -> None:
    """Run the undisturbed sweep, then the disturbed one, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=0, help="0: in one process")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    arguments = parser.parse_args()
    command = [sys.executable, "-m", "runner", "-m", *SETTINGS]
    if arguments.workers:
        command += ["hydra/launcher=joblib", f"hydra.launcher.n_jobs={arguments.workers}"]
    with tempfile.TemporaryDirectory() as calm, tempfile.TemporaryDirectory() as disturbed:
        duration = run(command, Path(calm))
        moments = kill_and_restart(
            command,
            Path(disturbed),
            duration,
            random.Random(arguments.seed),  # noqa: S311
        )
        found = {
            "undisturbed_seconds": round(duration, 1),
            "killed_after_seconds": moments,
            **count(Path(disturbed)),
            "same_table": table(Path(calm)) == table(Path(disturbed)),
        }
    print(json.dumps(found, indent=2))
    right = found["same_table"] and found["finished"] == found["finished_jobs"] == JOBS
    sys.exit(0 if right else 1)


def run(command: list[str], folder: Path) -> float:
    """Run a sweep to its end; return its duration in seconds."""
    started = time.perf_counter()
    done = start(command, folder).wait()
    if done:
        sys.exit(f"the sweep ended with exit code {done}; see {folder / 'output.txt'}")
    return time.perf_counter() - started


def kill_and_restart(
    command: list[str], folder: Path, duration: float, moments: random.Random
) -> list[float]:
    """Start a sweep again and again, kill it each time but the last; return when, in seconds."""
    chosen = [round(moments.uniform(0.05, 0.3) * duration, 1) for _ in range(KILLS)]
    for seconds in chosen:
        process = start(command, folder)
        time.sleep(seconds)
        if process.poll() is not None:
            sys.exit(f"the sweep ended after less than {seconds} s; nothing was left to be killed")
        process.send_signal(signal.SIGKILL)
        process.wait()
    run(command, folder)
    return chosen


def start(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Start a sweep in a folder."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (folder / "output.txt").open("ab") as output:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )


def table(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a sweep's table, without what differs from run to run."""
    with (folder / "outputs/sweeps/kill-test/report.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [{k: v for k, v in row.items() if k not in DIFFERENT_EACH_TIME} for row in rows]
    return sorted(kept, key=lambda row: row["job"])


def count(folder: Path) -> dict[str, Any]:
    """Count the runs of jobs in a sweep's MLflow database by their status."""
    sys.path.insert(0, str(ROOT))
    from runner.tracking.mlflow_store import reading_store
    from runner.tracking.sweep_records import runs_of_sweep

    found = runs_of_sweep(reading_store(folder / "outputs", None), "kill-test")
    runs = [run for run in found if run.level == "job"]
    finished = [run.tags["job"] for run in runs if run.status == "FINISHED"]
    return {
        "finished": len(finished),
        "finished_jobs": len(set(finished)),
        "runs_by_status": dict(Counter(run.status for run in runs)),
    }


if __name__ == "__main__":
    main()
