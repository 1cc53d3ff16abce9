"""Run the commands of a file over the GPUs of this machine, each with one GPU, for a limited time.

python -m experiments.gpu_queue COMMANDS OUT [--gpus 8] [--workers 2] [--seconds 540] [--each 300]

A line of COMMANDS is a shell command; what it prints goes to OUT/LINE.log, and OUT/queue.jsonl says
how each ended. When the time is over, or the queue is interrupted itself (SIGTERM, Ctrl-C), what
still runs is interrupted (SIGTERM), and the rest is not begun.
"""

import argparse
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

PATIENCE = 20
"""Seconds that an interrupted command has to write what it has."""

_PAUSE = 0.1
"""Seconds after which it is looked whether a command has ended."""


def main() -> None:
    """Run the commands that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--gpus", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="commands at once on each GPU")
    parser.add_argument("--seconds", type=float, default=540, help="until all are interrupted")
    parser.add_argument("--each", type=float, default=300, help="seconds that one may take")
    arguments = parser.parse_args()
    lines = [line for line in arguments.commands.read_text().splitlines() if line.strip()]
    queue = GpuQueue(list(enumerate(lines, 1)), arguments.out, arguments.seconds, arguments.each)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: queue.stop())
    queue.run([gpu for gpu in range(arguments.gpus) for _ in range(arguments.workers)])
    print(f"{len(lines) - len(queue.waiting)} commands run, {len(queue.waiting)} not begun")


@dataclass
class GpuQueue:
    """Commands that wait for a GPU.

    Attributes:
        waiting: number and text of each.
        out: folder of what they print.
        seconds: from the start on, after which all are interrupted.
        each: seconds that one may take.
    """

    waiting: list[tuple[int, str]]
    out: Path
    seconds: float
    each: float
    _lock: Lock = field(default_factory=Lock)
    _began: float = field(default_factory=time.monotonic)
    _stopped: Event = field(default_factory=Event)

    def run(self, gpus: list[int]) -> None:
        """Run them, with a worker for each GPU named, until none waits or time is over."""
        self.out.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(len(gpus)) as pool:
            list(pool.map(self._work, gpus))

    def stop(self) -> None:
        """Interrupt what runs, and begin no more."""
        self._stopped.set()

    def _work(self, gpu: int) -> None:
        for number, command in self._taken():
            began = time.monotonic()
            code = self._ended(gpu, command, self.out / f"{number}.log")
            seconds = round(time.monotonic() - began, 1)
            line = {"number": number, "gpu": gpu, "code": code, "seconds": seconds}
            with self._lock, (self.out / "queue.jsonl").open("a") as log:
                log.write(json.dumps(line | {"command": command}) + "\n")

    def _taken(self) -> Iterator[tuple[int, str]]:
        while self._left() > PATIENCE and not self._stopped.is_set():
            with self._lock:
                if not self.waiting:
                    return
                one = self.waiting.pop(0)
            yield one

    def _left(self) -> float:
        return self.seconds - (time.monotonic() - self._began)

    def _ended(self, gpu: int, command: str, log: Path) -> int:
        """Run a command in a process group of its own; return its exit code."""
        environment = os.environ | {"CUDA_VISIBLE_DEVICES": str(gpu)}
        with log.open("w") as printed:
            process = subprocess.Popen(  # noqa: S602 - the user's own commands
                command,
                shell=True,
                env=environment,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._await(process, min(self.each, self._left() - PATIENCE))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                _let_end(process)
            return process.wait()

    def _await(self, process: subprocess.Popen[bytes], patience: float) -> None:
        """Wait until a command ends, its time is over, or the queue is stopped."""
        end = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < end and not self._stopped.is_set():
            self._stopped.wait(_PAUSE)


def _let_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for all of a process group, since its shell ends before what the shell began."""
    until = time.monotonic() + PATIENCE
    with suppress(ProcessLookupError):
        while time.monotonic() < until:
            process.poll()  # one that has ended stays in its group until it is asked
            os.killpg(process.pid, 0)
            time.sleep(_PAUSE)
        os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
