"""Sweeps in several processes: joblib, Ray, submitit; and many processes that track at once."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mlflow
import psutil
import pytest

from runner.config.run_config import CONF
from runner.tracking.mlflow_store import reading_store
from runner.tracking.run_store import StoredRun
from runner.tracking.sweep_records import runs_of_sweep

ROOT = CONF.parent
Command = Callable[..., "subprocess.CompletedProcess[str]"]
SMALL = (
    *("device=cpu", "dataset.train_size=200", "dataset.validation_fraction=0.5"),
    *("training.epochs=1", "training.batch_size=50", "model=dense"),
    *("model.hidden_units=[4]", "figures=[]", "tracking.log_model=false"),
)
ENDINGS = "+callbacks.own._target_=" + ",".join(
    f"sweeping.{name}" for name in ("harmless", "kill", "run_out_of_memory")
)

RAY_JOBS = 4
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
needs_submitit = pytest.mark.skipif(find_spec("submitit") is None, reason="no submitit")


def job_runs(name: str, folder: Path) -> list[StoredRun]:
    return [
        run
        for run in runs_of_sweep(reading_store(folder / "outputs", None), name)
        if run.level == "job"
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "launcher",
    [
        ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
        pytest.param(("hydra/launcher=ray", "hydra.launcher.cpus=1"), marks=needs_ray),
        pytest.param(
            ("hydra/launcher=slurm", "hydra.launcher.cluster=local", "hydra.launcher.n_jobs=2"),
            marks=needs_submitit,
        ),
    ],
    ids=["joblib", "ray", "submitit"],
)
def test_a_killed_worker_fails_its_job_alone(
    launcher: tuple[str, ...], command: Command, tmp_path: Path
) -> None:
    (tmp_path / "conf").mkdir()
    shutil.copy(ROOT / "tests/sweeping.py", tmp_path)
    arguments = ["-m", "sweep.name=ends", *SMALL, *launcher, ENDINGS, "seed=0,1"]
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    runs = job_runs("ends", tmp_path)
    ended = Counter(
        (run.choices["+callbacks.own._target_"].removeprefix("sweeping."), run.status)
        for run in runs
    )
    assert ended == {
        ("harmless", "FINISHED"): 2,
        ("kill", "FAILED"): 2,
        ("run_out_of_memory", "FAILED"): 2,
    }
    killed = [run for run in runs if run.status == "FAILED" and "kill" in run.tags["choices"]]
    assert all("its process died" in run.tags["error"] for run in killed)
    report = (tmp_path / "outputs/sweeps/ends/report.md").read_text()
    assert "2 finished, 4 failed" in report
    assert "MemoryError: no 3 GB left" in report


@pytest.mark.slow
@needs_ray
def test_a_ray_cluster_with_two_workers(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))  # of this cluster alone
    with ray_cluster(tmp_path) as address:
        arguments = ["-m", "sweep.name=cluster", *SMALL, "hydra/launcher=ray", "seed=0,1,2"]
        done = command(*arguments, f"hydra.launcher.address={address}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [run.status for run in job_runs("cluster", tmp_path)] == ["FINISHED"] * 3


@pytest.mark.slow
@needs_ray
def test_a_sweep_goes_on_when_the_head_of_its_ray_cluster_was_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    seeds = f"seed=range(0,{RAY_JOBS})"
    arguments = ["-m", "sweep.name=cluster", *SMALL, "hydra/launcher=ray", seeds]

    def started(address: str) -> "subprocess.Popen[bytes]":
        own = [*arguments, f"hydra.launcher.address={address}"]
        return subprocess.Popen(
            [sys.executable, "-m", "runner", *own], cwd=tmp_path, stdout=log, stderr=log
        )

    with ray_cluster(tmp_path) as address, (tmp_path / "first.txt").open("w") as log:
        sweep = started(address)
        wait_until(lambda: list(tmp_path.glob("outputs/sweeps/cluster/jobs/*/report.json")), sweep)
    assert sweep.wait(timeout=300) != 0
    said = (tmp_path / "first.txt").read_text()
    with ray_cluster(tmp_path) as address, (tmp_path / "second.txt").open("w") as log:
        assert started(address).wait(timeout=600) == 0, (tmp_path / "second.txt").read_text()
    ended = Counter(run.status for run in job_runs("cluster", tmp_path))
    assert ended["FINISHED"] == RAY_JOBS, said
    assert ended["RUNNING"] == 0
    assert "Traceback" not in said


def wait_until(done: Callable[[], Any], process: "subprocess.Popen[bytes]") -> None:
    """Wait until something is the case, which a process is expected to bring about."""
    deadline = time.monotonic() + 300
    while not done():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def ray_cluster(folder: Path) -> Iterator[str]:
    """Start `ray start --head` with two workers; yields its address.

    Only its own processes are ended: `ray stop` would end every Ray process of the machine.
    """
    port = free_port()
    ray = str(Path(sys.executable).with_name("ray"))
    options = [f"--port={port}", "--num-cpus=2", "--include-dashboard=false", "--block"]
    with (folder / "ray.txt").open("w") as log:
        head = subprocess.Popen([ray, "start", "--head", *options], stdout=log, stderr=log)
    try:
        wait_for(port, head)
        yield f"127.0.0.1:{port}"
    finally:
        processes = [psutil.Process(head.pid), *psutil.Process(head.pid).children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        for process in psutil.wait_procs(processes, timeout=15)[1]:
            process.kill()


# --- 16 processes that start at once on a new database ---------------------------------------

PROCESSES, EPOCHS = 16, 10
LOGS = """
import sys, time
from pathlib import Path
from runner.tracking.mlflow_store import mlflow_store
number, start, uri, epochs = sys.argv[1], float(sys.argv[2]), sys.argv[3] or None, int(sys.argv[4])
figure = Path(f"figure-{number}.png")
figure.write_bytes(number.encode())
time.sleep(max(0, start - time.time()))
store = mlflow_store("load", Path("outputs"), uri, log_model=False)
with store.open(number, {"level": "job", "sweep": "load", "job": number}) as run:
    run.log_configuration({"number": number})
    for epoch in range(epochs):
        run.log_epoch(epoch, {"loss": float(number), "accuracy": epoch})
        run.flush()
    run.log_file(figure)
"""


def log_at_once(folder: Path, uri: str = "") -> None:
    """Start processes that all open the store at the same moment; each logs one run.

    What they could not send in the time that a run which ends waits, `runner track` sends.
    """
    start = str(time.time() + 20)  # MLflow is imported by then
    arguments = [
        (sys.executable, "-c", LOGS, str(n), start, uri, str(EPOCHS)) for n in range(PROCESSES)
    ]
    processes = [subprocess.Popen(a, cwd=folder, stderr=subprocess.PIPE) for a in arguments]
    errors = [process.communicate(timeout=300)[1] for process in processes]
    failed = [error for process, error in zip(processes, errors, strict=True) if process.returncode]
    assert not failed, failed[0].decode()
    subprocess.run([sys.executable, "-m", "runner", "track"], cwd=folder, check=True)


def assert_nothing_is_lost(folder: Path, uri: str | None = None) -> None:
    runs = runs_of_sweep(reading_store(folder / "outputs", uri), "load")
    assert sorted(int(run.tags["job"]) for run in runs) == list(range(PROCESSES))
    client = mlflow.MlflowClient()
    for run in runs:
        assert run.status == "FINISHED"
        values = client.get_metric_history(run.run_id, "loss")
        assert sorted((v.step, v.value) for v in values) == [
            (epoch, float(run.tags["job"])) for epoch in range(EPOCHS)
        ]
        path = client.download_artifacts(run.run_id, f"figure-{run.tags['job']}.png", str(folder))
        assert Path(path).read_bytes() == run.tags["job"].encode()


@pytest.mark.slow
def test_sqlite_loses_nothing(tmp_path: Path) -> None:
    log_at_once(tmp_path)
    assert_nothing_is_lost(tmp_path)


@pytest.mark.slow
def test_a_server_on_postgresql_loses_nothing(tmp_path: Path) -> None:
    with postgresql() as database, mlflow_server(database, tmp_path / "server") as uri:
        log_at_once(tmp_path, uri)
        assert_nothing_is_lost(tmp_path, uri)


@pytest.mark.slow
def test_a_sweep_on_postgresql_goes_on_after_it_was_killed(
    command: Command, tmp_path: Path
) -> None:
    with postgresql() as database:
        grid = ("seeds=2", "model.hidden_units=[4],[8],[12]", "optimizer=adam,sgd")
        own = (*SMALL, *grid, "sweep.name=night", f"tracking.uri={database}")
        arguments = ["-m", *own, "hydra/launcher=joblib", "hydra.launcher.n_jobs=4"]
        with (tmp_path / "killed.txt").open("w") as file:
            sweep = subprocess.Popen(
                [sys.executable, "-m", "runner", *arguments],
                cwd=tmp_path,
                stdout=file,
                stderr=file,
            )
            reports = "outputs/sweeps/night/jobs/*/report.json"
            wait_until(lambda: list(tmp_path.glob(reports)), sweep)
            sweep.kill()
            sweep.wait()
        done = command(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        runs = runs_of_sweep(reading_store(tmp_path / "outputs", database), "night")
        ended = Counter((run.level, run.status) for run in runs)
        assert (ended["job", "FINISHED"], ended["seed", "FINISHED"]) == (6, 12)
        assert (ended["job", "RUNNING"], ended["seed", "RUNNING"]) == (0, 0)
        client = mlflow.MlflowClient()
        for run in runs:
            if run.level == "seed" and run.status == "FINISHED":
                losses = client.get_metric_history(run.run_id, "train_loss")
                assert [each.step for each in losses] == [1]
        table = command("report", "night", "--uri", database, cwd=tmp_path)
        assert table.returncode == 0, table.stderr
        report = (tmp_path / "outputs/sweeps/night/report.md").read_text()
        assert "6 finished" in report
        assert not list(tmp_path.rglob("mlruns"))


POSTGRESQL = ("initdb", "pg_ctl")


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of its own; yields its SQLAlchemy address."""
    debian = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))
    programs = [
        shutil.which(n, path=os.pathsep.join([*os.get_exec_path(), *debian])) for n in POSTGRESQL
    ]
    if None in programs or find_spec("psycopg") is None:
        pytest.skip("needs PostgreSQL's server (Debian: postgresql) and the extra [postgresql]")
    initdb, pg_ctl = map(str, programs)
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(
        subprocess.run(
            ["mktemp", "-d"], user=user, check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    port, data = free_port(), folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
    commands = [
        [initdb, "-D", str(data), "-U", "mlflow", "--auth=trust", "--no-sync"],
        [pg_ctl, "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start"],
    ]
    stop = [pg_ctl, "-D", str(data), "-m", "immediate", "stop"]
    try:
        for command in commands:
            subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        yield f"postgresql+psycopg://mlflow@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(stop, user=user, cwd=folder, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def mlflow_server(database: str, folder: Path) -> Iterator[str]:
    """Start `mlflow server` on a database; yields its address."""
    folder.mkdir()
    port = free_port()
    options = ["--backend-store-uri", database, "--artifacts-destination", str(folder / "files")]
    command = [sys.executable, "-m", "mlflow", "server", *options, "--port", str(port)]
    with (folder / "log").open("w") as log, chdir(folder):
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, 15)
            server.wait()


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "the server ended"
        time.sleep(0.1)
    pytest.fail("the server did not start within a minute")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


# --- memory ----------------------------------------------------------------------------------

GROWTH = """
import json, sys
import psutil
from runner.sweeps import sweep_session, worker
from runner.sweeps.preparation import check_command
sizes, perform = [], worker.perform
def measured(job):
    outcome = perform(job)
    sizes.append(psutil.Process().memory_info().rss / 1e6)
    return outcome
import runner.sweeps.launchers
runner.sweeps.launchers.perform = measured
sweep_session.run_sweep(check_command(sys.argv[1:]))
print(json.dumps(sizes))
"""


@pytest.mark.slow
def test_memory_does_not_grow_over_50_jobs_in_one_process(tmp_path: Path) -> None:
    network = ("model=lenet", "model.filters=[8,16]", "model.hidden_units=[32,32],[64,32]")
    arguments = ["-m", "sweep.name=memory", *SMALL, *network, "seed=range(0,25)", "figures=[roc]"]
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    sizes = json.loads(done.stdout.splitlines()[-1])
    assert len(sizes) == 50
    growth = sizes[49] - sizes[9]
    assert growth < 150, f"{growth:.0f} MB more after job 50 than after job 10"
