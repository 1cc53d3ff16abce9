"""A store of runs in MLflow: a database under `outputs/`, or a server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from runner.base.atomic_files import publish
from runner.base.lazy import mlflow
from runner.base.program_files import ui_command
from runner.tracking import model_registry
from runner.tracking.journal import Entry
from runner.tracking.journal_records import KEY
from runner.tracking.journaled_store import JournaledStore
from runner.tracking.mlflow_answers import answering, be_quiet, setting_up
from runner.tracking.mlflow_run import PARENT, MlflowRun, logged_models, unflatten
from runner.tracking.run_store import Conditions, RegisteredNetwork, RunStore, StoredRun

DATABASE = "mlflow.db"
_PAGE = 1_000


def mlflow_store(experiment: str, outputs: Path, uri: str | None, *, log_model: bool) -> RunStore:
    """Return a store of runs in MLflow, which is connected to when the first run is sent to it.

    Args:
        experiment: that new runs are added to.
        outputs: folder of the database, and of the artifacts in `artifacts/`.
        uri: of the tracking store; None means `mlflow.db` in `outputs`.
        log_model: whether trained networks are logged too.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(MlflowStore(outputs, uri).address)  # imports it, in this thread
    if log_model and "tensorflow" in sys.modules:  # while XLA compiles, Python is idle
        Thread(target=import_module, args=("mlflow.tensorflow",), daemon=True).start()
    return JournaledStore(MlflowStore(outputs, uri), outputs, uri, experiment, log_model)


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
            tags = options["tags"] | {KEY: key} | ({PARENT: parent} if parent else {})
            known = self.id_of(key)
            if known:
                return known
            created = self._client.create_run(
                experiment, round(1_000 * opening.time), tags, options["name"]
            )
        return str(created.info.run_id)

    def run(self, run_id: str) -> MlflowRun:
        """Return a run that calls are sent to."""
        return MlflowRun(run_id)

    def id_of(self, key: str) -> str:
        """Return the id of the run with a key, or an empty string."""
        with self.answering():
            found = list(self._search(f"tags.`{KEY}` = {_quoted(key)}"))
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
        filter_string = " AND ".join(
            f"{key} {_quoted(value)}" for key, value in _clauses(conditions) if value is not None
        )
        with self.answering():
            return sorted(self._search(filter_string), key=lambda run: run.started)

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return a local copy of a file that was logged with a run, or None."""
        with self.answering():
            if name not in {file.path for file in self._client.list_artifacts(run.run_id)}:
                return None
            fetched = mlflow.artifacts.download_artifacts(run_id=run.run_id, artifact_path=name)
        return Path(fetched)

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""
        job = run.parent if run.level == "seed" else run.run_id
        with self.answering():
            return unflatten(self._client.get_run(job).data.params)

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Download the files of a run into a folder; return the file of its network, or None."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.answering():
            mlflow.artifacts.download_artifacts(run_id=run.run_id, dst_path=str(folder))
            for model in logged_models(run.experiment, run.run_id):
                network = f"{model.artifact_location}/data/model.keras"
                return Path(mlflow.artifacts.download_artifacts(network, dst_path=str(folder)))
        return None

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Download a network of MLflow's registry; see `RunStore.registered`."""
        with self.answering():
            version = model_registry.look_up(address)
            network = version.download(folder / version.name)
        runs = self.find(Conditions(id_start=version.run_id)) if version.run_id else []
        return RegisteredNetwork(version.name, network, runs[0] if runs else None)

    @property
    def hint(self) -> str:
        """The command or address for comparing runs of this store."""
        if self._uri is not None:
            return "in the MLflow UI of tracking.uri"  # which itself may hold a password
        view = "http://127.0.0.1:5000/#/experiments?workflowType=machine_learning"
        return f"{ui_command()}, then open {view}"

    def _search(self, filter_string: str) -> Iterator[StoredRun]:
        client = self._client
        experiments = [each.experiment_id for each in client.search_experiments()]
        token: str | None = ""
        while token is not None:
            active = mlflow.entities.ViewType.ACTIVE_ONLY
            page = client.search_runs(
                experiments, filter_string, active, _PAGE, page_token=token or None
            )
            yield from map(_stored, page)
            token = page.token or None


def _keeps_no_files(uri: str | None) -> bool:
    """Tell whether a store is a database alone: MLflow would put files into ./mlruns beside it."""
    return uri is None or uri.startswith(("sqlite:", "postgresql", "mysql", "mssql"))


def _create_store(outputs: Path) -> None:
    """Create the database under another name first: MLflow cannot repair an incomplete one."""
    new = outputs / f".{DATABASE}.new"
    new.unlink(missing_ok=True)
    mlflow.MlflowClient(f"sqlite:///{new}").search_experiments(max_results=1)
    publish(new, outputs / DATABASE)


def _clauses(conditions: Conditions) -> Iterator[tuple[str, str | None]]:
    yield from ((f"tags.`{key}` =", value) for key, value in (conditions.tags or {}).items())
    start = conditions.id_start
    yield "attributes.run_name =", conditions.name
    yield "attributes.run_id LIKE", None if start is None else f"{start}%"
    yield f"tags.`{PARENT}` =", conditions.parent
    yield "attributes.status =", conditions.status


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _stored(run: Any) -> StoredRun:
    info, tags = run.info, dict(run.data.tags)
    return StoredRun(
        run_id=info.run_id,
        name=tags.get("mlflow.runName", info.run_id),
        status=info.status,
        started=info.start_time / 1000,
        experiment=info.experiment_id,
        parent=tags.get(PARENT, ""),
        tags=tags,
        metrics=dict(run.data.metrics),
    )
