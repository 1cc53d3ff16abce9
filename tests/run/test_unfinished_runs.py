"""Runs that fail, or are told to end, say so and keep what they have."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, closing, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from calling import call

from run.mlflow_runs import SMALL, metrics, runs
from runner import __main__ as program
from runner.base.early_interrupt import INTERRUPTED
from runner.config.run_config import CONF
from runner.run import experiment

ROOT = CONF.parent
Command = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_network_that_cannot_be_built_fails_the_run(tmp_path: Path) -> None:
    with chdir(tmp_path):
        said = call(program.main, "model.kernel_size=30", *SMALL).refusal
    assert said.startswith(
        "error: lenet cannot be built for 28x28x1 images: a filter of 30x30 does not fit into the "
        "28x28 pixels that are left of them there; take larger images, smaller filters, or padding"
    )
    (run,) = runs(tmp_path)
    assert run.info.status == "FAILED"
    assert "28x28x1" in run.data.tags["error"]


def test_a_loss_that_is_no_number_fails_the_run_and_names_the_epoch(tmp_path: Path) -> None:
    steep = ("optimizer=sgd", "optimizer.learning_rate=1e30", "seeds=2")
    with chdir(tmp_path):
        said = call(program.main, "model=dense", *steep, *SMALL).refusal
    assert "in epoch 1" in said
    assert "optimizer.learning_rate" in said
    child, parent = runs(tmp_path)  # the second seed was not begun
    assert {child.info.status, parent.info.status} == {"FAILED"}
    assert "in epoch 1" in child.data.tags["error"]
    assert not list(tmp_path.glob("outputs/**/report.json"))


def two_epochs(workspace: Path, goes_on: Callable[[], bool]) -> bool:
    """Wait until MLflow has the loss of two epochs; tell whether it came to that."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and goes_on():
        try:
            with closing(sqlite3.connect(workspace / "outputs/mlflow.db", timeout=1)) as store:
                query = "select count(*) from metrics where key = 'train_loss'"
                if store.execute(query).fetchone()[0] >= 2:
                    return True
        except sqlite3.OperationalError:
            pass  # the store is not there yet
        time.sleep(0.1)
    return False


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """What a shell starts with `&` ignores SIGINT, and so does what that starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


LONG = ("device=cpu", "dataset.train_size=600", "model=dense", "training.epochs=100000")


def assert_killed(workspace: Path) -> None:
    (run,) = runs(workspace)
    assert run.info.status == "KILLED"
    assert len(metrics(workspace, run, "train_loss")) >= 2
    assert run.data.params["epochs"] == "100000"


def test_an_interrupted_run_is_killed_and_keeps_its_epochs(
    tmp_path: Path, hears_interrupts: None
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", *LONG],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if not two_epochs(tmp_path, lambda: process.poll() is None):
        process.kill()
        pytest.fail(f"no epoch ended: {process.communicate()}")
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in error
    assert "KILLED" in error
    assert_killed(tmp_path)


def test_an_interruption_that_a_library_makes_another_error_of_stays_one(
    tmp_path: Path, hears_interrupts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TensorFlow does so at times, where it traces a function."""

    def lost(*_: object) -> None:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        raise SystemError("bad argument to internal function")

    monkeypatch.setattr(experiment, "measure_losses", lost)
    with chdir(tmp_path):
        said = call(program.main, *SMALL, "model=dense", "training.epochs=1", "seeds=2")
    assert said.code == INTERRUPTED
    assert "KILLED" in said.error
    statuses = {run.data.tags["level"]: run.info.status for run in runs(tmp_path)}
    assert statuses == {"job": "KILLED", "seed": "KILLED"}


@pytest.fixture
def unheard_signals_fail() -> Iterator[None]:
    def fail(number: int, frame: object) -> None:
        raise AssertionError(f"the program did not hear signal {number}")

    before = signal.signal(signal.SIGTERM, fail)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_run_that_is_told_to_end_does_as_an_interrupted_one(
    tmp_path: Path, unheard_signals_fail: None
) -> None:
    ended = Event()

    def tell() -> None:
        two_epochs(tmp_path, lambda: not ended.is_set())
        if not ended.is_set():  # else the signal would end the tests
            os.kill(os.getpid(), signal.SIGTERM)

    with chdir(tmp_path):
        Thread(target=tell, daemon=True).start()
        said = call(program.main, *LONG)
    ended.set()
    assert said.code == INTERRUPTED
    assert "Traceback" not in said.error
    assert "KILLED" in said.error
    assert_killed(tmp_path)


def test_an_output_folder_that_cannot_be_written_is_said_in_one_line(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "outputs").write_text("no folder")
    done = command(*SMALL, cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "outputs" in done.stderr


ELSEWHERE = ("tracking=folder", "tracking.uri=there/runs")


@pytest.mark.parametrize(
    ("arguments", "further"),
    [((), ("hydra.run.dir=there", *ELSEWHERE)), (("-m",), ("hydra.sweep.dir=there", *ELSEWHERE))],
    ids=["run", "sweep"],
)
def test_outputs_that_cannot_be_written_are_named_with_what_helps(
    arguments: tuple[str, ...], further: tuple[str, ...], tmp_path: Path
) -> None:
    command = (*arguments, *SMALL, "model=dense", "training.epochs=1", "sweep.name=two")
    (tmp_path / "outputs").touch()
    with chdir(tmp_path):
        for options in ((), further[:1]):
            said = call(program.main, *command, *options).refusal
            assert said.startswith("error: outputs: cannot be written (")
            assert further[0].replace("there", "FOLDER") in said
            assert "tracking=folder tracking.uri=FOLDER/runs" in said
        assert call(program.main, *command, *further).code == 0


@pytest.mark.parametrize(("arguments", "kind"), [((), "run"), (("-m", "seed=1,2"), "sweep")])
def test_a_chosen_folder_that_cannot_be_made_is_named(
    arguments: tuple[str, ...], kind: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with chdir(tmp_path):
        refusal = call(program.main, *arguments, *SMALL, f"hydra.{kind}.dir=file/run").refusal
    assert refusal.startswith(f"error: hydra.{kind}.dir=file/run: cannot be written (")
    assert "choose another folder" in refusal


@pytest.mark.usefixtures("hears_interrupts")
@pytest.mark.parametrize("module", ["runner", "runner.predict", "runner.inspect", "runner.report"])
def test_an_interruption_of_the_imports_is_one_line(module: str, tmp_path: Path) -> None:
    waits = "import time; print('imported', flush=True); time.sleep(60)\n"
    (tmp_path / "rich.py").write_text(waits, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "imported\n"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (INTERRUPTED, "error: interrupted\n")
