"""A store of runs in MLflow: a database under `outputs/`, or a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runner.base.atomic_files import filling, publish
from runner.base.errors import RefusedError
from runner.base.lazy import mlflow
from runner.base.program_files import is_program
from runner.base.worker_process import CAN_START
from runner.tracking import mlflow_view, model_registry
from runner.tracking.journal import Entry
from runner.tracking.journal_records import KEY
from runner.tracking.journal_sending import RemoteStore
from runner.tracking.journaled_store import JournaledStore
from runner.tracking.logged_models import check_weights, logged_models
from runner.tracking.mlflow_answers import answering, be_quiet, setting_up
from runner.tracking.mlflow_process import process_for
from runner.tracking.mlflow_run import (
    CONFIGURATION,
    PARENT,
    MlflowRun,
    unflatten,
)
from runner.tracking.mlflow_search import search
from runner.tracking.run_store import Conditions, RegisteredNetwork, RunStore, StoredRun
from runner.tracking.system_metrics import SystemMonitor

DATABASE = "mlflow.db"


def mlflow_store(experiment: str, outputs: Path, uri: str | None, *, log_model: bool) -> RunStore:
    """Return a store of runs in MLflow, which is connected to when the first run is sent to it.

    For a command MLflow has a process of its own. A script, a notebook, a worker of Ray or Slurm
    and a system without inherited sockets import it where they are.

    Args:
        experiment: that new runs are added to.
        outputs: folder of the database, and of the artifacts in `artifacts/`.
        uri: of the tracking store; None means `mlflow.db` in `outputs`.
        log_model: whether trained networks are logged too.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    opened: Callable[[Path, str | None], RemoteStore]
    opened = process_for if is_program() and CAN_START else MlflowStore
    return JournaledStore(opened(outputs.resolve(), uri), outputs, uri, experiment, log_model)


def reading_store(outputs: Path, uri: str | None) -> RunStore:
    """Return a store of runs in MLflow for reading; see `mlflow_store`."""
    return JournaledStore(MlflowStore(outputs, uri), outputs, uri)


class MlflowStore:
    """An MLflow tracking store.

    Its methods raise StoreError where it does not answer, and RefusedError where it will not do
    what it is asked for.

    Args:
        outputs: folder of the database, and of the artifacts in `artifacts/`.
        uri: of the tracking store, or None for the database in `outputs`.
    """

    def __init__(self, outputs: Path, uri: str | None) -> None:
        self._outputs, self._uri = outputs.resolve(), uri
        self.address = uri or f"sqlite:///{self._outputs / DATABASE}"
        self._experiments: dict[str, str] = {}

    def create(self, opening: Entry, key: str, parent: str) -> str:
        """Return the id of a run, which is created unless the store has it.

        Args:
            opening: first call of its journal.
            key: of the run.
            parent: id of the parent run, or an empty string.
        """
        options = opening.options
        with self.answering():
            experiment = self._experiment(options["experiment"])
            own = {KEY: key} | ({PARENT: parent} if parent else {})
            tags = mlflow_view.run_tags(options["tags"]) | own
            known = self.id_of(key)
            if known:
                return known
            created = self._client.create_run(
                experiment, round(1_000 * opening.time), tags, options["name"]
            )
        return str(created.info.run_id)

    def has(self, run_id: str) -> bool:
        """Tell whether the store has a run, not deleted."""
        try:
            with self.answering():
                return str(self._client.get_run(run_id).info.lifecycle_stage) == "active"
        except RefusedError:
            return False

    def run(self, run_id: str) -> MlflowRun:
        """Return a run that calls are sent to."""
        return MlflowRun(run_id)

    def new_monitor(self) -> SystemMonitor:
        """Return what measures the system for one run."""
        return SystemMonitor()

    def id_of(self, key: str) -> str:
        """Return the id of the run with a key, or an empty string."""
        with self.answering():
            found = list(search(Conditions({KEY: key})))
        return found[0].run_id if found else ""

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Connect this process to the store; turn what MLflow raises into one line."""
        be_quiet()
        with answering(self.address):
            mlflow.set_tracking_uri(self.address)
            yield

    def _experiment(self, name: str) -> str:
        """Return the id of an experiment, given its name or id; create store and experiment."""
        if name not in self._experiments:
            with setting_up(self.address, self._outputs):
                if not (self._uri or (self._outputs / DATABASE).exists()):
                    _create_store(self._outputs)
                self._experiments[name] = self._found(name) or self._created(name)
        return self._experiments[name]

    def _found(self, name: str) -> str:
        found = mlflow.get_experiment_by_name(name)
        if found is None and name.isdecimal():
            found = mlflow.get_experiment(name)
        return str(found.experiment_id) if found is not None else ""

    def _created(self, name: str) -> str:
        folder = (self._outputs / "artifacts" / name).as_uri()
        artifacts = folder if _keeps_no_files(self._uri) else None
        kind = {"mlflow.experimentKind": "custom_model_development"}  # runs first in its UI
        try:
            return str(mlflow.create_experiment(name, artifacts, kind))
        except mlflow.exceptions.MlflowException:
            if found := self._found(name):  # another process was faster
                return found
            raise

    @property
    def exists(self) -> bool:
        """Whether there is a store to be read."""
        return self._uri is not None or (self._outputs / DATABASE).is_file()

    @property
    def _client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient()

    def find(self, conditions: Conditions) -> list[StoredRun]:
        """Return the runs that meet all conditions; see `RunStore.find`."""
        if not self.exists:
            return []
        with self.answering():
            return sorted(search(conditions), key=lambda run: run.started)

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return a local copy of a file that was logged with a run, or None."""
        with self.answering():
            if name not in {file.path for file in self._client.list_artifacts(run.run_id)}:
                return None
            fetched = mlflow.artifacts.download_artifacts(run_id=run.run_id, artifact_path=name)
        return Path(fetched)

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""
        job = self.find(Conditions(id_start=run.parent))[0] if run.level == "seed" else run
        path = self.file(job, CONFIGURATION)
        if path is not None:
            configuration: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return configuration
        with self.answering():  # an earlier version logged it as parameters
            return unflatten(self._client.get_run(job.run_id).data.params)

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Download the files of a run into a folder; return the file of its network, or None."""
        with filling(folder) as part, self.answering():
            mlflow.artifacts.download_artifacts(run_id=run.run_id, dst_path=str(part))
            models = logged_models(run.experiment, run.run_id)
            if not models:
                return None
            address = f"{models[0].artifact_location}/data/model.keras"
            network = Path(mlflow.artifacts.download_artifacts(address, dst_path=str(part)))
            check_weights(network, models[:1])
        return folder / network.name

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Download a network of MLflow's registry; see `RunStore.registered`."""
        with self.answering():
            version = model_registry.look_up(address)
        with filling(folder / version.name) as part, self.answering():
            network = folder / version.name / version.download(part).name
        runs = self.find(Conditions(id_start=version.run_id)) if version.run_id else []
        if runs:
            with self.answering():
                models = logged_models(runs[0].experiment, runs[0].run_id)
            check_weights(network, models)
        return RegisteredNetwork(version.name, network, runs[0] if runs else None)

    def registered_as(self, run_id: str) -> str | None:
        """Return the address of the registered network of a run, or None."""
        with self.answering():
            return model_registry.address_of(run_id)

    def experiment_of(self, run_id: str) -> str:
        """Return the id of the experiment of a run."""
        with self.answering():
            return str(self._client.get_run(run_id).info.experiment_id)

    def whereabouts(self, run_id: str) -> dict[str, str]:
        """Return the addresses of a run; see `runner.tracking.mlflow_view.whereabouts`."""
        return mlflow_view.whereabouts(self._uri, run_id, lambda: self.experiment_of(run_id))


def _keeps_no_files(uri: str | None) -> bool:
    """Tell whether a store is a database alone: MLflow would put files into ./mlruns beside it."""
    return uri is None or uri.startswith(("sqlite:", "postgresql", "mysql", "mssql"))


def _create_store(outputs: Path) -> None:
    """Create the database under another name first: MLflow cannot repair an incomplete one."""
    new = outputs / f".{DATABASE}.new"
    new.unlink(missing_ok=True)
    mlflow.MlflowClient(f"sqlite:///{new}").search_experiments(max_results=1)
    publish(new, outputs / DATABASE)
