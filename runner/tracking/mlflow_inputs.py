"""What MLflow has a place for beside metrics and files: data sets, tables, series of images."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runner.base.lazy import mlflow

_CONTEXT, _TABLES = "mlflow.data.context", "mlflow.loggedArtifacts"
_IMAGES = "images"


def log_data(run_id: str, used: Iterable[Mapping[str, Any]]) -> None:
    """Log the data sets of a run, by their digests."""
    inputs = [
        mlflow.entities.DatasetInput(
            _dataset(data), [mlflow.entities.InputTag(_CONTEXT, data["context"])]
        )
        for data in used
    ]
    mlflow.MlflowClient().log_inputs(run_id, inputs)


def log_table(run_id: str, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Log a table, which the UI shows as one and compares between runs.

    MLflow's own `log_table` would add the rows again where it is repeated.
    """
    client, file = mlflow.MlflowClient(), f"{name}.json"
    rows = [list(row) for row in zip(*columns.values(), strict=True)]
    client.log_dict(run_id, {"columns": list(columns), "data": rows}, file)
    tables = json.loads(client.get_run(run_id).data.tags.get(_TABLES, "[]"))
    table = {"path": file, "type": "table"}
    if table not in tables:
        client.set_tag(run_id, _TABLES, json.dumps([*tables, table]))


def log_images(run_id: str, path: Path, series: str) -> None:
    """Log those of a series of images that are not there, for which the UI has a slider.

    Args:
        run_id: MLflow's.
        path: of a file with an array for each step, uint8 [height, width, channels].
        series: name of the series.
    """
    client = mlflow.MlflowClient()
    logged = " ".join(file.path for file in client.list_artifacts(run_id, _IMAGES))
    with np.load(path, allow_pickle=False) as images:
        for step in images.files:
            name = rf"{_IMAGES}/{re.escape(series)}.step.{step}.timestamp\S*compressed"
            if not re.search(name, logged):
                client.log_image(run_id, images[step], key=series, step=int(step))


def linked(metrics: Mapping[str, float], run: Any, model_id: str | None, time: int) -> list[Any]:
    """Return MLflow's metrics of the network and the data set that they were measured with.

    Args:
        metrics: by name; one that begins with `test_` was measured on the test data.
        run: MLflow's, with the data sets that were logged before.
        model_id: of the logged network, or None.
        time: when they were measured, in milliseconds since 1970.
    """
    of = {tag.value: data for data in run.inputs.dataset_inputs for tag in data.tags}

    def metric(name: str, value: float) -> Any:
        data = of.get(name.removeprefix("tta_").partition("_")[0])
        where = (
            {"dataset_name": data.dataset.name, "dataset_digest": data.dataset.digest}
            if data
            else {}
        )
        return mlflow.entities.Metric(
            name, value, time, 0, model_id=model_id, run_id=run.info.run_id, **where
        )

    return [metric(name, value) for name, value in metrics.items()]


def _dataset(data: Mapping[str, Any]) -> Any:
    is_address = data["source"].startswith("http")
    number, *shape = data["shape"]
    return mlflow.entities.Dataset(
        name=data["name"],
        digest=data["digest"],
        source_type="http" if is_address else "local",
        source=json.dumps({"url" if is_address else "uri": data["source"]}),
        schema=json.dumps({"mlflow_tensorspec": {"features": _spec(data), "targets": None}}),
        profile=json.dumps({"images": number, "shape": shape}),
    )


def _spec(data: Mapping[str, Any]) -> str:
    tensor = {"dtype": data["dtype"], "shape": [-1, *data["shape"][1:]]}
    return json.dumps([{"type": "tensor", "tensor-spec": tensor}])
