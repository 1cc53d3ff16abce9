"""The store that runs are tracked in."""

from pathlib import Path

import mlflow
import pytest

from runner.tracking.mlflow_store import mlflow_store


def test_a_store_whose_creation_was_killed_is_created_anew(tmp_path: Path) -> None:
    (tmp_path / ".mlflow.db.new").write_bytes(b"as far as it came")
    for experiment in ("first", "second"):
        store = mlflow_store(experiment, tmp_path, None, log_model=False)
        with store.open("run", {}) as run:
            run.log_metrics({"test_error": 0.25})
        assert mlflow.MlflowClient().get_run(run.run_id).data.metrics == {"test_error": 0.25}
    files = {path.name for path in tmp_path.iterdir()}
    assert files - {"artifacts"} == {"mlflow.db", ".mlflow.lock", ".tracking"}


def test_a_database_of_ones_own_puts_no_folder_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path}/own.db"
    store = mlflow_store("first", tmp_path / "outputs", uri, log_model=False)
    (tmp_path / "note.txt").write_text("kept")
    with store.open("run", {}) as run:
        run.log_file(tmp_path / "note.txt")
    assert {path.name for path in tmp_path.iterdir()} == {"own.db", "outputs", "note.txt"}
    assert [path.read_text() for path in (tmp_path / "outputs").rglob("note.txt")] == ["kept"]
