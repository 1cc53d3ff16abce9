"""Stores of runs: what the program asks of MLflow, or of whatever else keeps runs.

`runner.tracking.mlflow_store` and `runner.tracking.folder_store` are two; another one is a module
with the same methods, and a file in `conf/tracking`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from runner.base.array_types import Images
from runner.base.lazy import keras

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class SweepTags:
    """The place of a job in a sweep.

    Attributes:
        sweep: name of the sweep.
        job: name of the job, unique in it.
        parent: id of the sweep's own run.
        choices: what distinguishes the job from the others, as KEY: VALUE of the command line.
    """

    sweep: str
    job: str
    parent: str = ""
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the job's run and of those of its seeds."""
        return {"sweep": self.sweep, "job": self.job, "choices": json.dumps(self.choices)}


@dataclass(frozen=True)
class StoredRun:
    """A run as its store knows it.

    Attributes:
        run_id: by which the store finds it.
        name: for people.
        status: RUNNING, FINISHED, FAILED or KILLED.
        started: seconds since 1970.
        experiment: that it belongs to, as the store names it.
        parent: id of the run it is a part of, or nothing.
        tags: what the program attached to it.
        metrics: last value of each.
    """

    run_id: str
    name: str
    status: str
    started: float
    experiment: str = ""
    parent: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def level(self) -> str:
        """What the run stands for: sweep, job or seed; nothing where it is none of ours."""
        return self.tags.get("level", "")

    @property
    def choices(self) -> dict[str, str]:
        """What distinguishes the job from others of its sweep."""
        choices: dict[str, str] = json.loads(self.tags["choices"])
        return choices

    @property
    def folder(self) -> Path | None:
        """The folder of its files, if that is still there."""
        folder = Path(self.tags["folder"]) if "folder" in self.tags else None
        return folder if folder is not None and folder.is_dir() else None


class OpenRun(Protocol):
    """A run that is going on, and takes what is logged.

    Attributes:
        run_id: by which the store finds it.
    """

    run_id: str

    def log_configuration(self, configuration: Mapping[str, Any]) -> None:
        """Log a configuration in plain containers."""

    def log_epoch(self, epoch: int, metrics: Mapping[str, float]) -> None:
        """Log the metrics of one epoch, now or with those of a few more."""

    def log_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log final metrics; those inside a dict get its name before theirs."""

    def log_file(self, path: Path) -> None:
        """Log one file."""

    def log_folder(self, folder: Path) -> None:
        """Log all files of a folder and its folders, but networks."""

    def log_network(self, network: keras.Model, images: Images) -> None:
        """Log a trained network; `images` are a few that it takes."""

    def flush(self) -> None:
        """Log what waits."""


class RunStore(Protocol):
    """A store of runs, in which new ones are added to one experiment."""

    def open(
        self,
        name: str,
        tags: Mapping[str, str],
        parent: str | None = None,
        run_id: str | None = None,
    ) -> AbstractContextManager[OpenRun]:
        """Open a run; it ends as FINISHED, FAILED or KILLED.

        An exception marks it FAILED and is stored as the tag `error`; an interruption, or a search
        that gives it up, KILLED. With `run_id` an earlier run goes on.
        """

    def beside(self, run: StoredRun) -> RunStore:
        """Return the store for new runs in the experiment of another one."""

    def find(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        id_start: str | None = None,
        parent: str | None = None,
        status: Status | None = None,
    ) -> list[StoredRun]:
        """Return the runs, of all experiments, that meet all conditions, in the order they started.

        Args:
            tags: that they have.
            name: that they have.
            id_start: the beginning of their id.
            parent: id of the run that they are parts of.
            status: that they have.
        """

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Attach tags to a run that is not open in this process."""

    def set_parent(self, run_id: str, parent: str) -> None:
        """Make a run a part of another one."""

    def end(self, run_id: str, status: Status) -> None:
        """End a run that is not open in this process."""

    def add_failed(self, name: str, tags: Mapping[str, str], parent: str) -> None:
        """Add a run that failed before it could be opened."""

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return a local copy of one of the files that were logged with a run, or None."""

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration that was logged with a run; of a seed that of its job."""

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Fetch what was logged with a run into a folder; return its network's file, if any."""

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Fetch a network that was registered under a name, such as models:/digits@champion.

        Raises:
            ConfigurationError: there is none, or the store registers none.
        """

    def add_figures(self, run_id: str, paths: Iterable[Path]) -> None:
        """Log figures with a run that is over."""

    @property
    def hint(self) -> str:
        """Say where people compare the runs of this store."""


@dataclass(frozen=True)
class RegisteredNetwork:
    """A network that was registered under a name.

    Attributes:
        name: of the model and its version.
        network: its file.
        run: that logged it, or None where that is not known, or none of ours.
    """

    name: str
    network: Path
    run: StoredRun | None
