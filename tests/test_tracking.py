"""The store that runs are tracked in."""

from pathlib import Path

import mlflow

from runner.config.run_config import TrackingConfig
from runner.tracking import mlflow_logging


def test_a_store_whose_creation_was_killed_is_created_anew(tmp_path: Path) -> None:
    (tmp_path / ".mlflow.db.new").write_bytes(b"as far as it came")
    for experiment in ("first", "second"):
        tracker = mlflow_logging.open_tracker(TrackingConfig(experiment, "run"), tmp_path)
        with tracker.run("run", {}) as run_id:
            mlflow_logging.log_numbers({"test_error": 0.25})
        assert mlflow.MlflowClient().get_run(run_id).data.metrics == {"test_error": 0.25}
    files = {path.name for path in tmp_path.iterdir()}
    assert files - {"artifacts"} == {"mlflow.db", ".mlflow.lock"}
