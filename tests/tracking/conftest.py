"""A working folder with a database, and the address of a server that is not there."""

import shutil
import socket
from contextlib import closing
from pathlib import Path

import pytest

from runner.tracking import mlflow_answers, sender
from runner.tracking.mlflow_store import mlflow_store
from tracking.logged_runs import OUTPUTS


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without runs, which takes seconds to be made."""
    folder = tmp_path_factory.mktemp("database")
    with mlflow_store("digits", folder, None, log_model=False).open("first", {}):
        pass
    return folder / "mlflow.db"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Path) -> Path:
    """A working folder with a database, and less patience than the program has."""
    monkeypatch.chdir(tmp_path)
    OUTPUTS.mkdir()
    shutil.copy(database, OUTPUTS)
    monkeypatch.setattr(mlflow_answers, "PATIENCE", 0.2)
    monkeypatch.setattr(sender, "_PATIENCE", 1.0)
    monkeypatch.setattr(sender, "_RETRY", 0.1)
    return tmp_path


@pytest.fixture
def absent() -> str:
    """Return the address of a server that is not there."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"
