"""Commands that share the GPUs of a machine for a limited time."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments import gpu_queue


@pytest.fixture
def queued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(gpu_queue, "PATIENCE", 0.5)
    said = [
        "echo $CUDA_VISIBLE_DEVICES",
        "trap 'echo kept; exit 9' TERM; sleep 60 & wait",
        "exit 3",
    ]
    commands = [(number, command) for number, command in enumerate(said, 1)]
    queue = gpu_queue.GpuQueue(commands, tmp_path, seconds=2, each=60)
    queue.run([1, 0])
    assert not queue.waiting
    return tmp_path


def test_each_command_has_a_gpu_and_says_how_it_ended(queued: Path) -> None:
    lines = [json.loads(line) for line in (queued / "queue.jsonl").read_text().splitlines()]
    assert {line["number"]: line["code"] for line in lines} == {1: 0, 2: 9, 3: 3}
    assert {line["gpu"] for line in lines} == {0, 1}
    first = next(line["gpu"] for line in lines if line["number"] == 1)
    assert (queued / "1.log").read_text() == f"{first}\n"


def test_what_runs_when_time_is_over_can_keep_what_it_has(queued: Path) -> None:
    assert (queued / "2.log").read_text() == "kept\n"


def test_what_there_is_no_time_for_is_not_begun(tmp_path: Path) -> None:
    queue = gpu_queue.GpuQueue([(1, "echo begun")], tmp_path, seconds=gpu_queue.PATIENCE, each=1)
    queue.run([0])
    assert queue.waiting == [(1, "echo begun")]
    assert not (tmp_path / "1.log").exists()


def test_an_interrupted_command_has_time_to_write_though_its_shell_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_queue, "PATIENCE", 5)
    written = tmp_path / "written"
    code = (
        "import signal, time, pathlib, sys;"
        "signal.signal(signal.SIGTERM, lambda *_: None);"
        "print('begun', flush=True); signal.pause(); time.sleep(0.5);"
        f"pathlib.Path({str(written)!r}).touch()"
    )
    command = f"{sys.executable} -c {shlex.quote(code)}; true"
    gpu_queue.GpuQueue([(1, command)], tmp_path, seconds=60, each=1.5).run([0])
    assert (tmp_path / "1.log").read_text() == "begun\n"
    assert written.exists()


def test_a_queue_that_is_interrupted_lets_its_commands_keep_what_they_have(tmp_path: Path) -> None:
    (tmp_path / "commands").write_text("trap 'echo kept; exit 9' TERM; echo; sleep 60 & wait\n" * 2)
    words = ["commands", "out", "--workers", "1"]
    queue = subprocess.Popen(
        [sys.executable, "-m", "experiments.gpu_queue", *words],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(gpu_queue.__file__).parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    log, deadline = tmp_path / "out/1.log", time.monotonic() + 30
    while not (log.exists() and log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    queue.terminate()
    said, _ = queue.communicate(timeout=30)
    assert said == "1 commands run, 1 not begun\n"
    assert log.read_text() == "\nkept\n"
