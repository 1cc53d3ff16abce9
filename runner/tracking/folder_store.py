"""A store of runs in plain files: one JSON file for each run, beside the folders of the runs."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from pydantic import TypeAdapter

from runner.base.atomic_files import write_text
from runner.base.errors import ConfigurationError, PrunedError, RefusedError
from runner.base.program_files import command_name
from runner.base.shell import shell_line
from runner.base.stored_files import read_json, reading
from runner.tracking.folder_run import FolderRun
from runner.tracking.processes import DEAD, PROCESS, is_dead, this_process
from runner.tracking.run_store import (
    Conditions,
    RegisteredNetwork,
    RunStore,
    Status,
    StoredRun,
)

FOLDER = "runs"
_RUN = TypeAdapter(StoredRun)
_CONFIGURATION, _NETWORK = "configuration/config.yaml", "model.keras"


def folder_store(experiment: str, outputs: Path, uri: str | None) -> RunStore:
    """Return a store of runs in files, which needs no other program.

    Args:
        experiment: that new runs are added to.
        outputs: folder whose `runs/` is the store.
        uri: another folder for the store; None means `outputs / "runs"`.
    """
    return FolderStore(Path(uri) if uri else outputs / FOLDER, experiment, named=uri is not None)


class FolderStore:
    """A folder with a JSON file for each run, written atomically."""

    def __init__(self, folder: Path, experiment: str = "", *, named: bool = False) -> None:
        self.folder, self._experiment, self._named = folder.resolve(), experiment, named
        self._open: dict[str, StoredRun] = {}

    @contextmanager
    def open(
        self,
        name: str,
        tags: Mapping[str, str],
        parent: str | None = None,
        run_id: str | None = None,
    ) -> Iterator[FolderRun]:
        """Open a run; see `RunStore.open`."""
        if run_id is None:
            run = self._new(name, tags, parent or "")
        else:
            run = self.read(run_id)
            own = {key: value for key, value in run.tags.items() if key != "error"}
            own |= dict(tags) | {PROCESS: this_process()}
            run = replace(run, status="RUNNING", tags=own)
        self._open[run.run_id] = run
        self.save(run)
        try:
            with self._ending(run.run_id):
                yield FolderRun(self, run.run_id)
        finally:
            del self._open[run.run_id]

    @contextmanager
    def _ending(self, run_id: str) -> Iterator[None]:
        """End a run with the context, with the status that `RunStore.open` promises."""
        try:
            yield
        except KeyboardInterrupt:
            self.end(run_id, "KILLED")
            raise
        except PrunedError as error:
            self.set_tags(run_id, {"pruned": str(error)})
            self.end(run_id, "KILLED")
            raise
        except BaseException as error:
            self.set_tags(run_id, {"error": f"{type(error).__name__}: {error}"})
            self.end(run_id, "FAILED")
            raise
        self.end(run_id, "FINISHED")

    def beside(self, run: StoredRun) -> RunStore:
        """Return this store, with the experiment of `run` for new runs."""
        return FolderStore(self.folder, run.experiment)

    def find(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        name: str | None = None,
        id_start: str | None = None,
        parent: str | None = None,
        status: Status | None = None,
    ) -> list[StoredRun]:
        """Return the runs that meet all conditions; see `RunStore.find`."""
        conditions = Conditions(tags, name, id_start, parent, status)
        runs = map(self._living, self._ids(id_start or ""))
        found = [run for run in runs if run is not None and conditions.are_met(run)]
        return sorted(found, key=lambda run: run.started)

    def end_dead(self) -> None:
        """Mark every open run whose process has died; see `RunStore.end_dead`."""
        self.find(status="RUNNING")

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Attach tags to a run."""
        run = self.read(run_id)
        self.save(replace(run, tags=run.tags | dict(tags)))

    def set_parent(self, run_id: str, parent: str) -> None:
        """Make a run a child of another run."""
        self.save(replace(self.read(run_id), parent=parent))

    def end(self, run_id: str, status: Status) -> None:
        """End a run."""
        self.save(replace(self.read(run_id), status=status))

    def add_failed(self, name: str, tags: Mapping[str, str], parent: str) -> None:
        """Add a run with the status FAILED."""
        self.save(replace(self._new(name, tags, parent), status="FAILED"))

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return the path of a file in the folder of a run, or None."""
        path = run.folder / name if run.folder else None
        return path if path is not None and path.is_file() else None

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""
        job = self.read(run.parent) if run.level == "seed" else run
        path = self.folder / f"{job.run_id}.configuration.json"
        if path.is_file():
            return read_json(path)
        if job.folder is None:
            return {}
        with reading(job.folder / _CONFIGURATION):
            plain = OmegaConf.to_container(
                OmegaConf.load(job.folder / _CONFIGURATION), resolve=True
            )
        return {str(key): value for key, value in plain.items()} if isinstance(plain, dict) else {}

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Copy the files of a run into a folder; return the file of its network, or None."""
        if run.folder is None:
            return None
        shutil.copytree(run.folder, folder, dirs_exist_ok=True)
        return folder / _NETWORK if (folder / _NETWORK).is_file() else None

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Raise ConfigurationError: this store has no registry."""
        del folder
        raise ConfigurationError(
            f"{address}: runs in folders have no registry; name a run or a file, or MLflow's store"
        )

    def add_figures(self, run_id: str, paths: Iterable[Path], folder: str = "figures") -> None:
        """Do nothing: the figures stay in the folder of the run."""

    def register(self, run: StoredRun, name: str, error: float) -> None:
        """Do nothing: this store has no registry."""

    def whereabouts(self, run_id: str) -> dict[str, str]:
        """Return the commands that list and compare runs of this store."""
        uri = f" --uri {shell_line([str(self.folder)])}" if self._named else ""
        compare = f"python -m runner.report compare A B{uri}"
        return {"all runs": f"{command_name()} list{uri}", "compare": compare}

    def read(self, run_id: str) -> StoredRun:
        """Return a run by its id; one that is open here stays what it was where it is deleted.

        Raises:
            RefusedError: there is none.
            DataError: it is damaged.
        """
        path = self.folder / f"{run_id}.json"
        with reading(path):
            try:
                run = _RUN.validate_json(path.read_bytes())
            except FileNotFoundError as error:
                if run_id in self._open:
                    return self._open[run_id]
                raise RefusedError(f"{path}: there is no such run any more") from error
            if run.run_id != run_id:
                raise ValueError(f"it is the entry of {run.run_id}")
        return run

    def save(self, run: StoredRun) -> None:
        """Write a run, atomically."""
        if run.run_id in self._open:
            self._open[run.run_id] = run
        self.write(f"{run.run_id}.json", asdict(run))

    def write(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file of the store, atomically."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self.folder / name, json.dumps(dict(content), indent=1) + "\n")

    def _living(self, run_id: str) -> StoredRun | None:
        """Return a run, marked if its process has died; None where it is deleted meanwhile."""
        try:
            run = self.read(run_id)
            process = run.tags.get(PROCESS, "")
            if run.status != "RUNNING" or not is_dead(process):
                return run
            run = self.read(run_id)
        except RefusedError:
            return None
        if run.status != "RUNNING" or run.tags.get(PROCESS, "") != process:
            return run  # it ended, and then its process, or goes on in another, after it was read
        dead = replace(run, status="KILLED", tags=run.tags | DEAD)
        self.save(dead)
        return dead

    def _ids(self, start: str) -> Iterator[str]:
        for path in self.folder.glob(f"{start}*.json"):
            if path.name.count(".") == 1:
                yield path.stem

    def _new(self, name: str, tags: Mapping[str, str], parent: str) -> StoredRun:
        return StoredRun(
            run_id=uuid.uuid4().hex,
            name=name,
            status="RUNNING",
            started=time.time(),
            experiment=self._experiment,
            parent=parent,
            tags=dict(tags) | {PROCESS: this_process()},
        )
