"""Trainings that are started from the page: the same program, in processes of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from signal import SIGTERM
from tempfile import NamedTemporaryFile
from threading import RLock
from typing import Any

from runner.base.command import OK
from runner.base.early_interrupt import INTERRUPTED
from runner.base.language import ERROR
from runner.base.shell import shell_line
from runner.config import composition
from runner.config.naming import run_name
from runner.play.own_data import OwnData
from runner.play.play_errors import PlayError
from runner.play.play_requests import TrainingRequest
from runner.play.training_overrides import store_overrides, training_overrides
from runner.play.training_progress import read_progress
from runner.tracking.run_finder import OUTPUTS

PROGRAM = (sys.executable, "-m", "runner")
AT_ONCE = 2
"""Trainings that run beside each other; more would only wait for each other."""

_PATIENCE = 15
"""Seconds in which a training that is stopped writes what it has."""

_STATES = {None: "running", OK: "finished", INTERRUPTED: "stopped", -SIGTERM: "stopped"}
"""By exit code; the signal itself ends a process that is still starting."""


@dataclass(frozen=True)
class Plan:
    """A training as it is planned.

    Attributes:
        name: of its run.
        folder: of its run.
        epochs: that it takes.
        dataset: name of its data set.
    """

    name: str
    folder: Path
    epochs: int
    dataset: str


@dataclass(frozen=True)
class Training:
    """A training that was started.

    Attributes:
        key: by which the page asks for it.
        plan: what it is.
        command: that does the same, for people.
        process: that trains.
        output: file with what the process says.
    """

    key: str
    plan: Plan
    command: str
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def state(self) -> str:
        """One of running, finished, stopped or failed."""
        return _STATES.get(self.process.poll(), "failed")

    def as_plain(self) -> dict[str, Any]:
        """Return it as the page takes it, with its progress."""
        state = self.state
        return {
            "training": self.key,
            "name": self.plan.name,
            "dataset": self.plan.dataset,
            "epochs": self.plan.epochs,
            "command": self.command,
            "state": state,
            "error": self._last_line() if state == "failed" else "",
        } | read_progress(self.plan.folder)

    def _last_line(self) -> str:
        lines = self.output.read_text("utf-8", errors="replace").strip().splitlines()
        return re.sub(rf"^({'|'.join(ERROR.values())}): ", "", lines[-1]) if lines else ""


class Trainings:
    """The trainings of everyone who has the page open.

    Args:
        program: command that trains.
        uri: of the store of runs; None is the usual one.
        own: data of the user's own that can be trained on, or None.
    """

    def __init__(
        self,
        program: Sequence[str] = PROGRAM,
        uri: str | None = None,
        own: OwnData | None = None,
    ) -> None:
        self._program, self._uri, self.own = program, uri, own
        self._started: dict[str, Training] = {}
        self._lock = RLock()

    def start(self, asked: TrainingRequest) -> Training:
        """Start a training.

        Raises:
            PlayError: too many run already.
            ConfigurationError: what was chosen does not fit together.
        """
        overrides = [*training_overrides(asked, self.own), *store_overrides(self._uri)]
        composition.compose_job(overrides)
        name = run_name(None, asked.model, asked.dataset, overrides)
        folder = OUTPUTS / f"{datetime.now():%Y-%m-%d/%H-%M-%S-%f}-{name}"
        plan = Plan(name, folder, asked.epochs, asked.dataset)
        return self._launch([*overrides, f"hydra.run.dir='{folder}'"], plan, overrides)

    def go_on(self, key: str) -> Training:
        """Go on with a training that was stopped.

        Raises:
            PlayError: it still runs, or too many others do.
        """
        with self._lock:  # two clicks are one training
            stopped = self.find(key)
            if stopped.state == "running":
                raise PlayError("bad-request", f"{stopped.plan.name} runs")
            resumed = [f"resume='{stopped.plan.folder}'"]
            training = self._launch(resumed, stopped.plan, resumed)
            del self._started[key]
        stopped.output.unlink(missing_ok=True)
        return training

    def find(self, key: str) -> Training:
        """Return a training by its key.

        Raises:
            PlayError: there is none.
        """
        if key not in self._started:
            raise PlayError("no-training", f"there is no training {key[:40]!r}", 404)
        return self._started[key]

    def stop(self, key: str) -> Training:
        """Stop a training, and wait until it has written what is needed to go on."""
        chosen = self.find(key)
        _end([chosen])
        return chosen

    def listed(self) -> list[Training]:
        """Return all, the newest first."""
        return list(self._started.values())[::-1]

    def close(self) -> None:
        """Stop all that still run; `resume` goes on with them."""
        _end(self.listed())
        for each in self.listed():
            each.output.unlink(missing_ok=True)

    def _launch(self, arguments: Sequence[str], plan: Plan, shown: Sequence[str]) -> Training:
        command = [*self._program, *arguments]
        with self._lock:
            if sum(each.state == "running" for each in self._started.values()) >= AT_ONCE:
                raise PlayError("busy", f"{AT_ONCE} trainings run already", 429)
            with NamedTemporaryFile(prefix="runner-play-", delete=False) as file:
                process = subprocess.Popen(  # noqa: S603 - names and numbers that were checked
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is passed on once, by `close`
                )
            told = shell_line(["runner", *shown])
            training = Training(token_hex(8), plan, told, process, Path(file.name))
            self._started[training.key] = training
        return training


def _end(trainings: Sequence[Training]) -> None:
    running = [each.process for each in trainings if each.state == "running"]
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
