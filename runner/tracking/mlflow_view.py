"""How MLflow's UI shows an experiment of the program: columns, metric, notes, addresses.

The UI keeps the state of a view in a tag of the experiment, and opens it by the name of the tag;
so a program can choose what people see first.
"""

from __future__ import annotations

import base64
import json
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runner.base.program_files import command_name

RUNS, SEEDS = "runs", "seeds"
"""Names of the views: each run in a row, and the runs of a job's seeds averaged."""

GROUP = "group"
"""Tag that is equal for the seeds of one job, and for nothing else."""

SERVED = "http://127.0.0.1:5000"
"""Address that `runner ui` serves at, unless it is told another one."""

_TRAINING = "workflowType=machine_learning"
"""Without it the UI shows the menu of its other half, which has no trainings."""

_VIEW = "mlflow.sharedViewState."
_METRIC = "mlflow.experiment.primaryMetric."
_TITLES = {RUNS: "Runs and their errors", SEEDS: "Seeds averaged"}
_NOTE = """\
Errors, accuracies and F1 are fractions: a `test_error` of 0.0066 is 0.66 % of the test images.
A run over several seeds has the mean of its seeds, and `.sd` their standard deviation; the runs of
the seeds are below it, and **Group by** `group` averages them. Epochs count from 1. Choose by
`validation_error`; the test images are there to report the choice."""


def experiment_tags(metric: str) -> dict[str, str]:
    """Return the tags of an experiment whose runs are compared by a metric; smaller is better."""
    views = {f"{_VIEW}{name}": _view(name, metric) for name in _TITLES}
    return views | {
        "mlflow.experimentKind": "custom_model_development",  # trainings, not traces, in its UI
        f"{_METRIC}name": metric,
        f"{_METRIC}greaterIsBetter": "False",
        "mlflow.note.content": _NOTE,
    }


def missing_tags(present: Mapping[str, str], metric: str) -> dict[str, str]:
    """Return those tags that an experiment lacks; what somebody wrote there stays.

    A view of an earlier version of the program is replaced.
    """
    return {
        key: value
        for key, value in experiment_tags(metric).items()
        if key not in present or (key.startswith(_VIEW) and _state(present[key]) != _state(value))
    }


def run_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags of a run, those that the UI has a place for under its own names."""
    own = {"note": "mlflow.note.content", "git_commit": "mlflow.source.git.commit"}
    return dict(tags) | {own[key]: value for key, value in tags.items() if key in own}


def run_address(server: str, experiment: str, run_id: str) -> str:
    """Return the address of a run in the UI of a server."""
    return f"{server}/#/experiments/{experiment}/runs/{run_id}?{_TRAINING}"


def runs_address(server: str, experiment: str, view: str = RUNS) -> str:
    """Return the address of the runs of an experiment in the UI of a server."""
    return f"{server}/#/experiments/{experiment}/runs?{_TRAINING}&viewStateShareKey={view}"


def whereabouts(uri: str | None, run_id: str, experiment: Callable[[], str]) -> dict[str, str]:
    """Return the addresses of a run, and of all of its experiment, in MLflow's UI.

    Args:
        uri: of the store.
        run_id: of a run that the store has; otherwise an empty string.
        experiment: gives the id of the run's experiment; called where it is needed.
    """
    server = server_of(uri)
    if server is None:
        return {"compare": "in the MLflow UI of tracking.uri"}  # it may hold a password
    serve = {} if uri else {"serve": f"{command_name()} ui"}
    if not run_id:
        return serve
    number = experiment()
    return serve | {
        "this run": run_address(server, number, run_id),
        "all runs": runs_address(server, number),
    }


def server_of(uri: str | None) -> str | None:
    """Return the address of the UI of a store, without passwords; None where it is unknown."""
    if uri is None:
        return SERVED
    return re.sub(r"//[^/@]*@", "//", uri).rstrip("/") if uri.startswith("http") else None


def _view(name: str, metric: str) -> str:
    columns = list(_columns(metric))
    state: dict[str, Any] = {"selectedColumns": columns, "columnOrder": [_NAME, *columns]}
    state["columnWidths"] = {_NAME: _WIDTH_OF_NAMES}
    state |= {"groupBy": _BY_GROUP, "runsExpanded": {}} if name == SEEDS else {}
    packed = zlib.compress(json.dumps(state | _ORDER).encode())
    content = {"name": _TITLES[name], "createdAt": round(1_000 * time.time())}
    return json.dumps(content | {"state": f"deflate;{base64.b64encode(packed).decode()}"})


def _columns(metric: str) -> Iterator[str]:
    name = metric.partition("_")[2]
    measured = [f"test_{name}", f"test_{name}.sd"]
    columns = {
        "params": ["dataset", "model"],
        "metrics": [*measured, "seeds", "train_seconds", f"validation_{name}"],
    }
    for group, keys in columns.items():
        yield from (f"{group}.`{key}`" for key in keys)


_NAME, _WIDTH_OF_NAMES = "attributes.`Run Name`", 360
_BY_GROUP = {
    "aggregateFunction": "average",
    "groupByKeys": [{"mode": "tag", "groupByData": GROUP}],
}
_ORDER = {"orderByKey": "attributes.start_time", "orderByAsc": False}
"""The newest run first; by test error the list would invite to choose by test images."""


def _state(tag: str) -> Any:
    try:
        return json.loads(tag)["state"]
    except (ValueError, KeyError, TypeError):
        return None
