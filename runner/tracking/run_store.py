"""The interface of stores of runs.

`runner.tracking.mlflow_store` and `runner.tracking.folder_store` implement it; another store is a
module with the same methods, and a file in `conf/tracking`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from runner.tracking.open_run import OpenRun

Status = Literal["RUNNING", "FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class SweepTags:
    """The sweep that a job belongs to, and what distinguishes the job in it.

    Attributes:
        sweep: name of the sweep.
        job: name of the job, unique in it.
        parent: id of the sweep's own run.
        choices: values that vary between the jobs, as KEY: VALUE of the command line.
    """

    sweep: str
    job: str
    parent: str = ""
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the run of the job, and of the runs of its seeds."""
        return {"sweep": self.sweep, "job": self.job, "choices": json.dumps(self.choices)}


@dataclass(frozen=True)
class StoredRun:
    """The entry of a run in a store.

    Attributes:
        run_id: unique in the store.
        name: for people.
        status: RUNNING, FINISHED, FAILED or KILLED.
        started: seconds since 1970.
        experiment: that it belongs to, name or id.
        parent: id of the parent run, or an empty string.
        tags: of the program and of the store.
        metrics: last value of each metric.
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
        """Level of the run: sweep, job or seed; empty for a run of another program."""
        return self.tags.get("level", "")

    @property
    def choices(self) -> dict[str, str]:
        """Values that vary between the jobs of its sweep, as KEY: VALUE."""
        choices: dict[str, str] = json.loads(self.tags["choices"])
        return choices

    @property
    def folder(self) -> Path | None:
        """Folder of its files, or None if it no longer exists."""
        folder = Path(self.tags["folder"]) if "folder" in self.tags else None
        return folder if folder is not None and folder.is_dir() else None


@dataclass(frozen=True)
class Conditions:
    """Conditions on runs, which all must be met; see `RunStore.find`."""

    tags: Mapping[str, str] | None = None
    name: str | None = None
    id_start: str | None = None
    parent: str | None = None
    status: Status | None = None

    def are_met(self, run: StoredRun) -> bool:
        """Tell whether a run meets them."""
        return (
            (self.tags or {}).items() <= run.tags.items()
            and self.name in (None, run.name)
            and run.run_id.startswith(self.id_start or "")
            and self.parent in (None, run.parent)
            and self.status in (None, run.status)
        )


class RunStore(Protocol):
    """A store of runs; new runs are added to one experiment of it."""

    def open(
        self,
        name: str,
        tags: Mapping[str, str],
        parent: str | None = None,
        run_id: str | None = None,
    ) -> AbstractContextManager[OpenRun]:
        """Open a run, which ends with the context.

        Its status becomes FINISHED; after an exception FAILED, with the tag `error`; after an
        interruption or PrunedError KILLED. With `run_id` an earlier run is continued.

        Args:
            name: for people.
            tags: of the run.
            parent: id of the parent run, if any.
            run_id: of the run that is continued, if any.
        """

    def beside(self, run: StoredRun) -> RunStore:
        """Return this store, with the experiment of `run` for new runs."""

    def find(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        id_start: str | None = None,
        parent: str | None = None,
        status: Status | None = None,
    ) -> list[StoredRun]:
        """Return the runs of all experiments that meet all conditions, ordered by start.

        A run among them whose process has died becomes KILLED.

        Args:
            tags: that a run has, among others.
            name: of the run.
            id_start: beginning of the id.
            parent: id of the parent run.
            status: of the run.
        """

    def end_dead(self) -> None:
        """Mark every open run whose process has died as KILLED; other hosts' are left alone."""

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Attach tags to a run that is not open in this process."""

    def set_parent(self, run_id: str, parent: str) -> None:
        """Make a run a child of another run."""

    def end(self, run_id: str, status: Status) -> None:
        """End a run that is not open in this process."""

    def add_failed(self, name: str, tags: Mapping[str, str], parent: str) -> None:
        """Add a run with the status FAILED, for a job that could not open one."""

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return the path, perhaps of a local copy, of a file of a run, or None."""

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Copy the files of a run into a folder; return the file of its network, or None."""

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Copy a registered network, such as models:/digits@champion, into a folder.

        Raises:
            ConfigurationError: there is none, or the store has no registry.
        """

    def add_figures(self, run_id: str, paths: Iterable[Path], folder: str = "figures") -> None:
        """Log figures with a run that has ended, in a folder of its files."""

    def register(self, run: StoredRun, name: str, error: float) -> str | None:
        """Register the network of a run; it becomes the champion unless that has a smaller error.

        Args:
            run: of one training.
            name: of the registered model.
            error: on validation data, of the configuration.

        Returns:
            the address of the registered network; None without a registry, or a logged network.
        """

    def whereabouts(self, run_id: str) -> dict[str, str]:
        """Return what people look at a run with, and compare it: labels, commands and addresses."""


@dataclass(frozen=True)
class RegisteredNetwork:
    """A network from the registry of a store.

    Attributes:
        name: of the model and its version.
        network: its file.
        run: that logged it, or None where it is unknown.
    """

    name: str
    network: Path
    run: StoredRun | None
