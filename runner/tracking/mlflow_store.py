"""A store of runs in MLflow: a database under `outputs/`, or a server."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from filelock import FileLock

from runner.base.errors import PrunedError
from runner.base.lazy import mlflow
from runner.base.program_files import ui_command
from runner.tracking import model_registry
from runner.tracking.mlflow_run import MlflowRun, unflatten
from runner.tracking.run_store import RegisteredNetwork, RunStore, Status, StoredRun

DATABASE = "mlflow.db"
_PARENT = "mlflow.parentRunId"
_PAGE = 1_000
_LONGEST_ERROR = 5_000


def mlflow_store(experiment: str, outputs: Path, uri: str | None, *, log_model: bool) -> RunStore:
    """Connect to MLflow; create the store and the experiment if they do not exist.

    Args:
        experiment: that new runs are added to.
        outputs: folder of the database, and of the artifacts in `artifacts/`.
        uri: of the tracking store; None means `mlflow.db` in `outputs`.
        log_model: whether trained networks are logged too.
    """
    outputs = outputs.resolve()
    connect(uri, outputs)
    # several processes that create the same new store break each other's migration
    with FileLock(outputs / ".mlflow.lock"):
        if not (uri or (outputs / DATABASE).exists()):
            _create_store(outputs)
        found = mlflow.get_experiment_by_name(experiment)
        if found is not None:
            return MlflowStore(found.experiment_id, uri, log_model)
        artifacts = (outputs / "artifacts" / experiment).as_uri() if _keeps_no_files(uri) else None
        kind = {"mlflow.experimentKind": "custom_model_development"}  # runs first in its UI
        return MlflowStore(mlflow.create_experiment(experiment, artifacts, kind), uri, log_model)


def connect(uri: str | None, outputs: Path) -> None:
    """Choose the tracking store of this process; see `mlflow_store`."""
    outputs.mkdir(parents=True, exist_ok=True)
    mlflow.set_tracking_uri(uri or f"sqlite:///{outputs.resolve() / DATABASE}")
    for library in ("mlflow", "alembic"):
        logging.getLogger(library).setLevel(logging.WARNING)


class MlflowStore:
    """The MLflow tracking store that this process is connected to.

    Args:
        experiment_id: of the experiment that new runs are added to; None for reading only.
        uri: of the store, or None for the database under `outputs/`.
        log_model: whether trained networks are logged.
    """

    def __init__(self, experiment_id: str | None, uri: str | None, log_model: bool = True) -> None:
        self.experiment_id, self._uri, self._log_model = experiment_id, uri, log_model

    @property
    def _client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient()

    @contextmanager
    def open(
        self,
        name: str,
        tags: Mapping[str, str],
        parent: str | None = None,
        run_id: str | None = None,
    ) -> Iterator[MlflowRun]:
        """Open a run; see `RunStore.open`."""
        run = mlflow.start_run(
            run_id=run_id,
            experiment_id=self.experiment_id,
            run_name=name,
            tags=dict(tags),
            nested=parent is not None,
            parent_run_id=parent,
        )
        if "error" in run.data.tags:
            mlflow.delete_tag("error")  # of an earlier attempt
        opened = MlflowRun(run.info.run_id, self._log_model)
        if self._log_model and "tensorflow" in sys.modules:  # while XLA compiles, Python is idle
            Thread(target=import_module, args=("mlflow.tensorflow",), daemon=True).start()
        try:
            try:
                yield opened
            finally:
                opened.flush()
        except KeyboardInterrupt:
            mlflow.end_run("KILLED")
            raise
        except PrunedError as error:
            mlflow.set_tag("pruned", str(error))
            mlflow.end_run("KILLED")
            raise
        except BaseException as error:
            mlflow.set_tag("error", f"{type(error).__name__}: {error}"[:_LONGEST_ERROR])
            mlflow.end_run("FAILED")
            raise
        mlflow.end_run()

    def beside(self, run: StoredRun) -> RunStore:
        """Return this store, with the experiment of `run` for new runs."""
        return MlflowStore(run.experiment, self._uri, self._log_model)

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
        conditions = {f"tags.`{key}` =": value for key, value in (tags or {}).items()}
        conditions |= {"attributes.run_name =": name} if name is not None else {}
        conditions |= {"attributes.run_id LIKE": f"{id_start}%"} if id_start is not None else {}
        conditions |= {f"tags.`{_PARENT}` =": parent} if parent is not None else {}
        conditions |= {"attributes.status =": status} if status is not None else {}
        filter_string = " AND ".join(f"{key} {_quoted(value)}" for key, value in conditions.items())
        return sorted(self._search(filter_string), key=lambda run: run.started)

    def set_tags(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Attach tags to a run that is not open in this process."""
        for key, value in tags.items():
            self._client.set_tag(run_id, key, value)

    def set_parent(self, run_id: str, parent: str) -> None:
        """Make a run a child of another run."""
        self._client.set_tag(run_id, _PARENT, parent)

    def end(self, run_id: str, status: Status) -> None:
        """End a run that is not open in this process."""
        self._client.set_terminated(run_id, status)

    def add_failed(self, name: str, tags: Mapping[str, str], parent: str) -> None:
        """Add a run with the status FAILED."""
        own = dict(tags) | {_PARENT: parent}
        created = self._client.create_run(self.experiment_id, tags=own, run_name=name)
        self._client.set_terminated(created.info.run_id, "FAILED")

    def file(self, run: StoredRun, name: str) -> Path | None:
        """Return a local copy of a file that was logged with a run, or None."""
        if name not in {file.path for file in self._client.list_artifacts(run.run_id)}:
            return None
        fetched = mlflow.artifacts.download_artifacts(run_id=run.run_id, artifact_path=name)
        return Path(fetched)

    def configuration(self, run: StoredRun) -> dict[str, Any]:
        """Return the configuration of a run; for the run of a seed, that of its job."""
        job = run.parent if run.level == "seed" else run.run_id
        return unflatten(self._client.get_run(job).data.params)

    def network(self, run: StoredRun, folder: Path) -> Path | None:
        """Download the files of a run into a folder; return the file of its network, or None."""
        folder.mkdir(parents=True, exist_ok=True)
        mlflow.artifacts.download_artifacts(run_id=run.run_id, dst_path=str(folder))
        condition = f"source_run_id = '{run.run_id}'"
        for model in self._client.search_logged_models([run.experiment], condition):
            network = f"{model.artifact_location}/data/model.keras"
            return Path(mlflow.artifacts.download_artifacts(network, dst_path=str(folder)))
        return None

    def registered(self, address: str, folder: Path) -> RegisteredNetwork:
        """Download a network of MLflow's registry; see `RunStore.registered`."""
        version = model_registry.look_up(address)
        network = version.download(folder / version.name)
        runs = self.find(id_start=version.run_id) if version.run_id else []
        return RegisteredNetwork(version.name, network, runs[0] if runs else None)

    def add_figures(self, run_id: str, paths: Iterable[Path]) -> None:
        """Log figures with a run that has ended."""
        for path in paths:
            self._client.log_artifact(run_id, str(path), "figures")

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
    mlflow.set_tracking_uri(f"sqlite:///{new}")
    mlflow.search_experiments(max_results=1)
    new.replace(outputs / DATABASE)
    connect(None, outputs)


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
        parent=tags.get(_PARENT, ""),
        tags=tags,
        metrics=dict(run.data.metrics),
    )
