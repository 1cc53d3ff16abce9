"""A sweep of 200 small jobs over 4 workers, with one fault after another until all are finished.

    python -m experiments.soak                          every fault, with MLflow's server
    python -m experiments.soak --jobs 8                 to try it out
    python -m experiments.soak --faults worker worker lock disk --store sqlite
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
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow

from experiments.faults import FAULTS, Server, Victim, kill_sweep

ROOT = Path(__file__).resolve().parent.parent
EPOCHS, CONFIGURATIONS, MEGABYTES, MOST_STARTS = 2, 4, 192, 100
SETTINGS = (
    *("device=cpu", "dataset=shapes-drawn", "dataset.train_size=44", "model=dense"),
    *("dataset.validation_fraction=0.25", "model.hidden_units=[4],[8]", "training.batch_size=16"),
    *("optimizer.learning_rate=0.001,0.01", f"training.epochs={EPOCHS}", "figures=[]"),
    *("sweep.name=soak", "hydra/launcher=joblib"),
)
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:\s.*\n)*(\S.{0,200})")
OUTPUTS_OF_JOBS, BEFORE = "outputs/sweeps/soak/jobs/*/output.txt", 1000
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
                sys.exit(f"the undisturbed sweep ended with {code}: {said(calm)[-1000:]}")
        begun = time.perf_counter()
        with file_system(Path(folder, "disturbed"), "disk" in arguments.faults) as disturbed:
            found = disturb(command, disturbed, arguments)
            rows = table(disturbed)
            jobs = {row["job"] for row in rows}
            found["same_table"] = [row for row in table(calm) if row["job"] in jobs] == rows
            found["rows"] = len(jobs)
    found["undisturbed_seconds"] = round(begun - started)
    found["disturbed_seconds"] = round(time.perf_counter() - begun)
    print(json.dumps(found, indent=2))
    counts = {found[name] for name in ("rows", "reports", "finished", "finished_jobs")}
    wrong = found["track"], found["not_each_epoch_once"], found["tracebacks"]
    sys.exit(0 if found["same_table"] and counts == {arguments.jobs} and not any(wrong) else 1)


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=200, help="a multiple of 4")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument(
        "--faults", nargs="+", choices=[*FAULTS], default=[*FAULTS], help="one is drawn each time"
    )
    parser.add_argument("--store", choices=["server", "sqlite"], default="server")
    parser.add_argument("--pause", type=float, default=20, help="mean seconds between faults")
    parser.add_argument("--lasts", type=float, default=10, help="mean seconds of a fault")
    parser.add_argument("--random-state", type=int, default=0, help="of faults and moments")
    parser.add_argument(
        "--calm",
        help="folder that keeps the undisturbed sweep for the next time, of as many jobs or fewer",
    )
    arguments = parser.parse_args()
    if arguments.store == "sqlite" and "server" in arguments.faults:
        parser.error("--store sqlite has no server; choose --faults without it")
    return arguments


def disturb(command: list[str], folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Run a sweep to its end among faults; return what is found then."""
    database, server = folder / "outputs/mlflow.db", None
    command = [*command, "tracking.log_model=false"]
    if arguments.store == "server":
        database, server = folder / "server.db", Server(folder)
        command.append(f"tracking.uri={server.uri}")
    victim, stop = Victim(folder, database, server), threading.Event()
    try:
        if server is not None:
            server.start()
        with ThreadPoolExecutor(1) as pool:
            faults = pool.submit(disturb_until, stop, victim, arguments)
            try:
                starts = run_until_finished(command, victim)
            finally:
                kill_sweep(victim, random.Random(), 0)  # noqa: S311 - where this is interrupted
                stop.set()
        done = faults.result()
        track = start([*command[:3], "track"], folder, "track.txt").wait()
    finally:
        if server is not None:
            server.kill()
    found = {"starts": starts, "faults": dict(done), "track": track, **tracebacks(folder)}
    found["reports"] = len(list(folder.glob("outputs/sweeps/soak/jobs/*/report.json")))
    return found | count_runs(database)


def disturb_until(
    stop: threading.Event, victim: Victim, arguments: argparse.Namespace
) -> Counter[str]:
    """Do one fault after another, and write down when; return how many of each were done."""
    done = Counter[str]()
    moments = random.Random(arguments.random_state)  # noqa: S311
    while not stop.wait(moments.uniform(0.5, 1.5) * arguments.pause):
        name = moments.choice(arguments.faults)
        seconds = moments.uniform(0.5, 1.5) * arguments.lasts
        print(f"{time.strftime('%H:%M:%S')} {name} {seconds:.0f} s", file=sys.stderr, flush=True)
        done[name] += FAULTS[name](victim, moments, seconds)
    return done


def run_until_finished(command: list[str], victim: Victim) -> int:
    """Start a sweep again until it ends well; return how often it was started."""
    for starts in range(1, MOST_STARTS + 1):
        victim.sweep = start(command, victim.folder)
        code = victim.sweep.wait()
        print(f"the sweep ended with {code}", file=sys.stderr, flush=True)
        if not code:
            return starts
        time.sleep(5)
    sys.exit(f"not finished after {MOST_STARTS} starts: {said(victim.folder)[-1000:]}")


@contextmanager
def file_system(folder: Path, small: bool) -> Iterator[Path]:
    """Make a folder, where it is to be filled a file system of its own."""
    folder.mkdir()
    if not small:
        yield folder
        return
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False).returncode:
        sys.exit("no file system can be mounted; choose --faults without disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607


def start(
    command: list[str], folder: Path, output: str = "output.txt"
) -> "subprocess.Popen[bytes]":
    """Start a command in a folder; its output goes beside it, where the disk is not filled."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with folder.with_name(f"{folder.name}-{output}").open("ab") as file:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file)


def said(folder: Path, output: str = "output.txt") -> str:
    """Return what the commands in a folder said."""
    return folder.with_name(f"{folder.name}-{output}").read_text(encoding="utf-8")


def tracebacks(folder: Path) -> dict[str, Any]:
    """Count the tracebacks that the commands and the jobs have printed; return the first whole."""
    texts = [said(folder), said(folder, "track.txt")]
    texts += [path.read_text(encoding="utf-8") for path in folder.glob(OUTPUTS_OF_JOBS)]
    output = "".join(texts)
    first = TRACEBACK.search(output)
    whole = output[max(0, first.start() - BEFORE) : first.end()] if first else ""
    return {"tracebacks": dict(Counter(TRACEBACK.findall(output))), "first_traceback": whole}


def table(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the sweep's table, without what differs from run to run."""
    path = folder / "outputs/sweeps/soak/report.csv"
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [{k: v for k, v in row.items() if k not in DIFFERENT_EACH_TIME} for row in rows]
    return sorted(kept, key=lambda row: row["job"])


def count_runs(database: Path) -> dict[str, Any]:
    """Count the runs of jobs in MLflow, and those finished ones without each epoch once."""
    client = mlflow.MlflowClient(f"sqlite:///{database}")
    experiments = [each.experiment_id for each in client.search_experiments()]
    runs: list[Any] = []
    found: Any = None
    while found is None or found.token:
        token = found.token if found else None
        found = client.search_runs(experiments, "tags.level = 'job'", page_token=token)
        runs += found
    finished = [run for run in runs if run.info.status == "FINISHED"]
    epochs = list(range(1, EPOCHS + 1))
    steps = (client.get_metric_history(run.info.run_id, "train_loss") for run in finished)
    return {
        "finished": len(finished),
        "finished_jobs": len({run.data.tags["job"] for run in finished}),
        "runs_by_status": dict(Counter(run.info.status for run in runs)),
        "not_each_epoch_once": sum([each.step for each in of_run] != epochs for of_run in steps),
    }


if __name__ == "__main__":
    main()
