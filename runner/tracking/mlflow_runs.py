"""What MLflow holds of a sweep: its own run, one for each attempt at a job, one for each seed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.base.lazy import mlflow
from runner.evaluation.predictions import FILES, Predictions, load_predictions
from runner.tracking.mlflow_logging import unflatten

_PARENT = "mlflow.parentRunId"
_PAGE = 1_000


@dataclass(frozen=True)
class Run:
    """A run as MLflow knows it.

    Attributes:
        run_id: MLflow's.
        status: RUNNING, FINISHED, FAILED or KILLED.
        started: seconds since 1970.
        tags: what the program, and MLflow, attached to it.
        metrics: last value of each.
        artifacts: address of its files.
    """

    run_id: str
    status: str
    started: float
    tags: dict[str, str]
    metrics: dict[str, float]
    artifacts: str

    @property
    def level(self) -> str:
        """What the run stands for: sweep, job or seed."""
        return self.tags["level"]

    @property
    def choices(self) -> dict[str, str]:
        """What distinguishes the job from others of its sweep."""
        choices: dict[str, str] = json.loads(self.tags["choices"])
        return choices

    def report(self) -> dict[str, Any]:
        """Return the `report.json` that was logged with it."""
        report: dict[str, Any] = mlflow.artifacts.load_dict(f"{self.artifacts}/report.json")
        return report

    def predictions(self) -> dict[str, Predictions | None]:
        """Return the predictions that were logged with it, of each split there are any of."""
        logged = {file.path for file in mlflow.MlflowClient().list_artifacts(self.run_id)}
        return {
            split: load_predictions(
                Path(mlflow.artifacts.download_artifacts(f"{self.artifacts}/{name}"))
            )
            if name in logged
            else None
            for split, name in FILES.items()
        }


def runs_of_sweep(sweep: str) -> list[Run]:
    """Return every run of a sweep, in any experiment of the store, in the order they started."""
    return sorted(_search(f"tags.sweep = '{sweep}'"), key=lambda run: run.started)


def sweeps() -> list[Run]:
    """Return the sweeps' own runs, in the order they started."""
    return sorted(_search("tags.level = 'sweep'"), key=lambda run: run.started)


def named(name: str) -> list[Run]:
    """Return runs by their name or id, in the order they started."""
    quoted = _quoted(name)
    found = [*_search(f"attributes.run_name = {quoted}"), *_search(f"attributes.run_id = {quoted}")]
    return sorted(found, key=lambda run: run.started)


def beginning_with(start: str) -> list[Run]:
    """Return runs by the beginning of their id, hexadecimal digits."""
    return list(_search(f"attributes.run_id LIKE '{start}%'"))


def runs_in_folder(folder: Path) -> list[Run]:
    """Return finished runs by the folder of their files, in the order they started."""
    place = _quoted(str(folder.resolve()))
    found = _search(f"tags.folder = {place} AND attributes.status = 'FINISHED'")
    return sorted(found, key=lambda run: run.started)


def finished() -> Iterator[Run]:
    """Yield the finished runs, the newest first, which is MLflow's own order."""
    yield from _search("attributes.status = 'FINISHED'")


def of_seed(run: Run, seed: int | None) -> Run | None:
    """Return the run of one seed of a job; None for the seed is the first.

    A job with one seed, or a seed's run, is its own.
    """
    found = children(run)
    if not found:
        return run if seed is None else None
    return found.get(min(found) if seed is None else seed)


def children(run: Run) -> dict[int, Run]:
    """Return the runs of a job's seeds; none for a job with one seed, or a seed's run."""
    found = _search(f"tags.`{_PARENT}` = '{run.run_id}'")
    return {int(child.tags["seed"]): child for child in found if "seed" in child.tags}


def experiment_id(run: Run) -> str:
    """Return the id of the MLflow experiment that holds a run."""
    return str(mlflow.MlflowClient().get_run(run.run_id).info.experiment_id)


def seeds(run: Run) -> list[int]:
    """Return the seeds of a job; none where there is one only, which has no run of its own."""
    return sorted(children(run))


def configuration(run: Run) -> dict[str, Any]:
    """Return the configuration that was logged with a job, as plain containers."""
    job = run.tags[_PARENT] if run.level == "seed" else run.run_id
    return unflatten(mlflow.MlflowClient().get_run(job).data.params)


def download_network(run: Run, folder: Path) -> bool:
    """Fetch what was logged with a run into a folder; tell whether a network was among it."""
    client = mlflow.MlflowClient()
    folder.mkdir(parents=True, exist_ok=True)
    mlflow.artifacts.download_artifacts(run_id=run.run_id, dst_path=str(folder))
    experiment = client.get_run(run.run_id).info.experiment_id
    for model in client.search_logged_models([experiment], f"source_run_id = '{run.run_id}'"):
        network = f"{model.artifact_location}/data/model.keras"
        mlflow.artifacts.download_artifacts(network, dst_path=str(folder))
        return True
    return False


def finished_jobs(runs: Iterable[Run]) -> set[tuple[str, str]]:
    """Return name and identity of each job that is finished."""
    done = (run for run in runs if run.level == "job" and run.status == "FINISHED")
    return {(run.tags["job"], run.tags["fingerprint"]) for run in done}


def orphans(runs: list[Run], job: str) -> dict[str, Run]:
    """Return finished seeds of a job that did not finish, by what determines their results."""
    own = [run for run in runs if run.tags.get("job") == job]
    complete = {run.run_id for run in own if run.level == "job" and run.status == "FINISHED"}
    return {
        run.tags["fingerprint"]: run
        for run in own
        if run.level == "seed" and run.status == "FINISHED" and run.tags[_PARENT] not in complete
    }


def adopt(run: Run, parent: str) -> None:
    """Make a run the child of another one."""
    mlflow.MlflowClient().set_tag(run.run_id, _PARENT, parent)


def end_abandoned(runs: Iterable[Run]) -> None:
    """Mark runs of jobs and seeds as KILLED whose process ended without a word."""
    for run in runs:
        if run.status == "RUNNING" and run.level != "sweep":
            _end(run, "KILLED", "its process ended without a word")


def fail(experiment_id: str, tags: dict[str, str], parent: str, error: str, since: float) -> None:
    """Make sure that a failed job has a failed run, also where its process could not see to it.

    Args:
        experiment_id: MLflow's.
        tags: of the job's run.
        parent: id of the sweep's run.
        error: what went wrong.
        since: when the job was started, or any moment after an earlier attempt at it ended.
    """
    attempts = [run for run in runs_of_sweep(tags["sweep"]) if run.tags.get("job") == tags["job"]]
    attempts = [run for run in attempts if run.started >= since]
    for run in attempts:
        if run.status == "RUNNING":
            _end(run, "FAILED", error)
    if not attempts:
        now = round(1000 * time.time())
        own = tags | {_PARENT: parent, "error": error[:5_000]}
        created = mlflow.MlflowClient().create_run(experiment_id, now, own, tags["job"])
        mlflow.MlflowClient().set_terminated(created.info.run_id, "FAILED")


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _end(run: Run, status: str, error: str) -> None:
    client = mlflow.MlflowClient()
    client.set_tag(run.run_id, "error", error[:5_000])
    client.set_terminated(run.run_id, status)


def _search(condition: str) -> Iterable[Run]:
    client = mlflow.MlflowClient()
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    token: str | None = ""
    while token is not None:
        page = client.search_runs(
            experiments,
            condition,
            mlflow.entities.ViewType.ACTIVE_ONLY,
            _PAGE,
            page_token=token or None,
        )
        yield from map(_run, page)
        token = page.token or None


def _run(run: mlflow.entities.Run) -> Run:
    info, data = run.info, run.data
    return Run(
        run_id=info.run_id,
        status=info.status,
        started=info.start_time / 1000,
        tags=dict(data.tags),
        metrics=dict(data.metrics),
        artifacts=info.artifact_uri,
    )
