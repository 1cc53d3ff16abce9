"""Runs and sweeps whose store fails in their midst: all results are there, and none twice."""

import csv
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import mlflow
import pytest
from calling import call

from runner import __main__ as program
from runner.run import experiment
from runner.sweeps import worker
from runner.tracking import mlflow_answers, sender, track_command

pytestmark = pytest.mark.usefixtures("eagerly")
FEW = ("dataset=5-vs-6", "dataset.train_size=200", "model=dense", "model.hidden_units=[4]")
TINY = (*FEW, "training.epochs=2", "device=cpu", "figures=[]", "tracking.log_model=false")
DATABASE = Path("outputs/mlflow.db")
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def stored(uri: str, level: str) -> list[Any]:
    """Return the runs of jobs, seeds or sweeps that MLflow has."""
    client = mlflow.MlflowClient(uri)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return list(client.search_runs(experiments, f"tags.level = '{level}'"))


def losses(uri: str, run: Any) -> list[int]:
    return [
        m.step for m in mlflow.MlflowClient(uri).get_metric_history(run.info.run_id, "train_loss")
    ]


def test_a_sweep_whose_database_is_locked_from_its_second_job_on_has_all_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for module, name in ((mlflow_answers, "PATIENCE"), (sender, "_PATIENCE")):
        monkeypatch.setattr(module, name, 0.2)
    run, started = experiment.run, []
    connections: list[sqlite3.Connection] = []

    def locking(job: Any) -> Any:
        started.append(job)
        if len(started) == 2:
            connections.append(sqlite3.connect(DATABASE, isolation_level=None))
            connections[0].execute("BEGIN EXCLUSIVE")
        return run(job)

    monkeypatch.setattr(worker, "run", locking)
    said = call(program.main, "-m", *TINY, "sweep.name=grid", "seed=0,1", "seeds=2")
    assert said.code == 0, said.error
    with Path("outputs/sweeps/grid/report.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["job"] for row in rows) == ["seed=0", "seed=1"]
    assert {(row["status"], row["seeds"]) for row in rows} == {("finished", "2")}
    for row in rows:
        report = Path("outputs/sweeps/grid/jobs") / row["job"] / "report.json"
        mean = json.loads(report.read_text())["summary"]["test_error"]["mean"]
        assert float(row["test_error_mean"]) == pytest.approx(100 * mean)
    connections[0].close()
    assert call(track_command.main).code == 0
    uri = f"sqlite:///{DATABASE.resolve()}"
    assert sorted(job.data.tags["job"] for job in stored(uri, "job")) == ["seed=0", "seed=1"]
    assert len(stored(uri, "seed")) == 4
    assert len(stored(uri, "sweep")) == 1
    for seed in stored(uri, "seed"):
        assert losses(uri, seed) == [1, 2]
    again = call(program.main, "-m", *TINY, "sweep.name=grid", "seed=0,1", "seeds=2")
    assert again.out.count("finished before") == 2


# --- a server that is killed -----------------------------------------------------------------


@contextmanager
def serving(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Start MLflow's server, and wait until it answers; it is killed at the end."""
    places = ["--backend-store-uri", f"sqlite:///{folder}/server.db"]
    places += ["--artifacts-destination", str(folder / "served")]
    arguments = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1", *places)
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _await(lambda: _answers(port), 120)
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _await(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.slow
def test_a_server_that_is_killed_during_a_training_costs_nothing(
    tmp_path: Path, command: Command
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    uri, long = f"http://127.0.0.1:{port}", ("training.epochs=2000", "seeds=2")
    arguments = [sys.executable, "-m", "runner", *TINY, *long, f"tracking.uri={uri}"]
    errors = tmp_path / "errors.txt"
    with serving(tmp_path, port), errors.open("w") as file:
        process = subprocess.Popen(arguments, cwd=tmp_path, stderr=file, stdout=file)
        _await(lambda: any(losses(uri, run) for run in stored(uri, "seed")), 120)
    assert process.wait(300) == 0, errors.read_text()
    text = errors.read_text()
    assert text.count(f"note: MLflow at {uri}: ") == 1
    assert "Traceback" not in text
    assert ["later: python -m runner track " in line for line in text.splitlines()].count(True) == 1
    (folder,) = (path.parent for path in tmp_path.glob("outputs/*/*/report.json"))
    assert json.loads((folder / "report.json").read_text())["summary"]["ensemble"]["networks"] == 2
    with serving(tmp_path, port):
        interrupted = subprocess.Popen([*arguments[:3], "track", str(folder)], cwd=tmp_path)
        _await(lambda: any(run.info.status == "FINISHED" for run in stored(uri, "seed")), 60)
        interrupted.kill()
        interrupted.wait()
        assert command("track", str(folder), cwd=tmp_path).returncode == 0
        done = command("track", str(folder), cwd=tmp_path)
        assert "0 of 3 runs" in done.stdout
        (job,) = stored(uri, "job")
        seeds = stored(uri, "seed")
        assert [run.info.status for run in (job, *seeds)] == ["FINISHED"] * 3
        assert [losses(uri, seed) for seed in seeds] == [list(range(1, 2001))] * 2
