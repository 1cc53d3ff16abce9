"""The runs in MLflow that meet conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.base.lazy import mlflow
from runner.tracking.mlflow_run import PARENT
from runner.tracking.run_store import Conditions, StoredRun

_PAGE = 1_000


def search(conditions: Conditions) -> Iterator[StoredRun]:
    """Yield the runs of all experiments that meet all conditions; see `RunStore.find`."""
    filter_string = " AND ".join(
        f"{key} {_quoted(value)}" for key, value in _clauses(conditions) if value is not None
    )
    client = mlflow.MlflowClient()
    experiments = [each.experiment_id for each in client.search_experiments()]
    token: str | None = ""
    while token is not None:
        active = mlflow.entities.ViewType.ACTIVE_ONLY
        page = client.search_runs(
            experiments, filter_string, active, _PAGE, page_token=token or None
        )
        yield from map(_stored, page)
        token = page.token or None


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
