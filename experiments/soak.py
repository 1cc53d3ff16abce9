"""A sweep of 200 small jobs over 4 workers, with one fault after another until all are finished.

    python -m experiments.soak                          every fault, with MLflow's server
    python -m experiments.soak --jobs 8                 to try it out
    python -m experiments.soak --faults worker sweep lock disk --store sqlite
    python -m experiments.soak --random-state 1         other faults at other moments

A worker or the sweep is killed (SIGKILL), the database is locked, the disk filled to 256 KiB and
freed (a file system of its own: needs root), the server killed and started again. A sweep that has
ended is started again, with the same command. At the end each job must have one result, MLflow each
job once with each epoch once, and the table be that of an undisturbed sweep. Prints what was found,
and exits with 1 where that is not so. A job trains 13 000 weights on 33 images for two epochs.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow

from experiments.faults import FAULTS, Server, Victim

ROOT = Path(__file__).resolve().parent.parent
EPOCHS, CONFIGURATIONS, MEGABYTES = 2, 4, 192
SETTINGS = (
    *("device=cpu", "dataset=shapes-drawn", "dataset.train_size=44", "model=dense"),
    *("dataset.validation_fraction=0.25", "model.hidden_units=[4],[8]"),
    *("optimizer.learning_rate=0.001,0.01", f"training.epochs={EPOCHS}", "figures=[]"),
    *("tracking.log_model=false", "sweep.name=soak", "hydra/launcher=joblib"),
)
DIFFERENT_EACH_TIME = ("train_seconds", "run_id")


def main() -> None:
    """Run the undisturbed sweep, then the disturbed one, and compare."""
    arguments = parsed()
    command = [sys.executable, "-m", "runner", "-m", *SETTINGS]
    command += [f"seed=range(0,{arguments.jobs // CONFIGURATIONS})"]
    command += [f"hydra.launcher.n_jobs={arguments.workers}"]
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        calm = Path(arguments.calm or folder, "calm")
        if not table(calm):
            calm.mkdir(parents=True, exist_ok=True)
            if code := start([*command, "tracking=folder"], calm).wait():
                sys.exit(f"the undisturbed sweep ended with {code}: {said(calm)}")
        begun = time.perf_counter()
        with file_system(Path(folder, "disturbed"), "disk" in arguments.faults) as disturbed:
            found = disturb(command, disturbed, arguments)
            found["same_table"] = table(calm) == table(disturbed)
            found["rows"] = len(table(disturbed))
    found["undisturbed_seconds"] = round(begun - started)
    found["disturbed_seconds"] = round(time.perf_counter() - begun)
    print(json.dumps(found, indent=2))
    jobs = found["rows"], found["reports"], found["finished"], found["finished_jobs"]
    right = found["same_table"] and set(jobs) == {arguments.jobs}
    sys.exit(0 if right and not found["not_each_epoch_once"] and not found["tracebacks"] else 1)


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=200, help="a multiple of 4")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--faults", nargs="+", choices=[*FAULTS], default=[*FAULTS])
    parser.add_argument("--store", choices=["server", "sqlite"], default="server")
    parser.add_argument("--pause", type=float, default=20, help="mean seconds between faults")
    parser.add_argument("--lasts", type=float, default=10, help="mean seconds of a fault")
    parser.add_argument("--random-state", type=int, default=0, help="of faults and moments")
    parser.add_argument("--calm", help="folder that keeps the undisturbed sweep for the next time")
    arguments = parser.parse_args()
    if arguments.store == "sqlite" and "server" in arguments.faults:
        parser.error("--store sqlite has no server; choose --faults without it")
    return arguments


def disturb(command: list[str], folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run a sweep to its end among faults; return what is found then."""
    server = Server(folder) if arguments.store == "server" else None
    database = folder / ("server.db" if server else "outputs/mlflow.db")
    victim = Victim(folder, database, server)
    moments = random.Random(arguments.random_state)  # noqa: S311
    faults: Counter[str] = Counter()
    if server is not None:
        server.start()
        command = [*command, f"tracking.uri={server.uri}"]
    stop = threading.Event()
    disturber = threading.Thread(target=disturb_until, args=(stop, victim, moments, arguments))
    disturber.faults = faults  # type: ignore[attr-defined]
    try:
        disturber.start()
        starts = run_until_finished(command, victim)
        stop.set()
        disturber.join()
        code = start([*command[:3], "track"], folder, "track.txt").wait()
        found = {"starts": starts, "track": code, "reports": count_reports(folder)}
        return found | {"faults": victim.done} | count_runs(database)
    finally:
        stop.set()
        disturber.join()
        if server is not None:
            server.kill()
