"""`runner list` and `runner ui`, without a browser; what an experiment is shown by."""

import base64
import json
import socket
import subprocess
import sys
import zlib
from contextlib import chdir
from itertools import islice
from pathlib import Path
from typing import Any

import mlflow
import pytest
from calling import call

from runner import __main__ as program
from runner.tracking import list_command, mlflow_view, ui_command
from runner.tracking.folder_store import folder_store
from runner.tracking.mlflow_store import mlflow_store
from runner.tracking.run_store import RunStore


def store_of(kind: str, folder: Path) -> RunStore:
    if kind == "mlflow":
        return mlflow_store("mnist", folder / "outputs", None, log_model=False)
    return folder_store("mnist", folder / "outputs", None)


@pytest.mark.parametrize("kind", ["mlflow", "folder"])
def test_runs_are_listed_the_newest_first(kind: str, tmp_path: Path) -> None:
    store = store_of(kind, tmp_path)
    with store.open("lenet-mnist+epochs-3", {"level": "job"}) as run:
        run.log_metrics({"test_error": 0.0123, "seeds": 1})
    with store.open("cnn1", {"level": "job"}) as run:
        run.log_metrics({"test_error": 0.0066, "test_error.sd": 0.0012, "seeds": 10})
    with pytest.raises(RuntimeError), store.open("broken", {"level": "job"}):
        raise RuntimeError
    with chdir(tmp_path):
        lines = [line.split() for line in call(list_command.main).out.splitlines() if line.strip()]
        chosen = call(list_command.main, "lenet", "epochs").out
        none = call(list_command.main, "vgg")
        portuguese = call(list_command.main, "-n", "2", "language=pt").out.splitlines()
    assert [line[-1] for line in lines[2:]] == ["broken", "cnn1", "lenet-mnist+epochs-3"]
    assert lines[3][2:-1] == ["finished", "10", "0.660", "±", "0.120", "%"]
    assert lines[4][2:-1] == ["finished", "1", "1.23", "%"]
    assert "lenet-mnist+epochs-3" in chosen
    assert "cnn1" not in chosen
    assert "no run vgg" in none.refusal
    shown = [line.split() for line in portuguese if line.strip()]
    assert shown[0] == ["começou", "estado", "sementes", "teste", "validação", "execução"]
    assert [line[2] for line in shown[2:4]] == ["falhou", "terminou"]
    assert shown[3][3:] == ["10", "0,660", "±", "0,120", "%", "cnn1"]
    assert shown[-1] == ["e", "1", "anteriores;", "-n", "3", "lista", "todas"]


def test_an_earlier_version_s_run_is_listed_too(tmp_path: Path) -> None:
    store = store_of("folder", tmp_path)
    with store.open("old", {"level": "job"}) as run:
        run.log_metrics({"test_error": {"n": 5, "mean": 0.01, "sd": 0.002}})
        run.log_metrics({"train_seconds": {"n": 5, "mean": 3.0}})
    with chdir(tmp_path):
        assert "finished  5      1.000 ± 0.200 %" in call(list_command.main).out


def test_an_experiment_is_shown_by_its_results(tmp_path: Path) -> None:
    store = store_of("mlflow", tmp_path)
    with store.open("first", {}) as run:
        run.compare_by("test_error")
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name("mnist")
    assert experiment.tags["mlflow.experiment.primaryMetric.name"] == "test_error"
    view = json.loads(experiment.tags["mlflow.sharedViewState.runs"])
    state: dict[str, Any] = json.loads(
        zlib.decompress(base64.b64decode(view["state"].removeprefix("deflate;")))
    )
    assert state["selectedColumns"][:4] == [
        *("params.`dataset`", "params.`model`", "metrics.`test_error`", "metrics.`test_error.sd`")
    ]
    client.set_experiment_tag(experiment.experiment_id, "mlflow.note.content", "my own words")
    with store.open("second", {}) as run:
        run.compare_by("test_error")
    kept = client.get_experiment_by_name("mnist").tags["mlflow.note.content"]
    assert kept == "my own words"


@pytest.mark.parametrize(
    ("uri", "server"),
    [
        (None, "http://127.0.0.1:5000"),
        ("https://me:secret@host:8080/", "https://host:8080"),
        ("postgresql://me:secret@host/runs", None),
    ],
)
def test_addresses_hold_no_password(uri: str | None, server: str | None) -> None:
    assert mlflow_view.server_of(uri) == server


HEALTHY = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Healthy(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


def test_the_server_of_another_ui_on_the_same_port_is_not_taken_for_its_own(tmp_path: Path) -> None:
    (port,) = islice(ui_command._free_ports(ui_command.HOST, None), 1)
    command = [sys.executable, "-c", HEALTHY, str(port)]
    with (
        subprocess.Popen(command) as first,
        (tmp_path / "log").open("w") as log,
    ):
        try:
            assert ui_command._await(first, ui_command.HOST, port, tmp_path / "log")
            with subprocess.Popen(command, stderr=log) as second:
                assert not ui_command._await(second, ui_command.HOST, port, tmp_path / "log")
        finally:
            first.kill()


def test_without_a_database_the_ui_says_what_to_do(tmp_path: Path) -> None:
    with chdir(tmp_path):
        said = call(ui_command.main).refusal
    assert "no outputs/mlflow.db here" in said
    assert "runner list" in said


def test_a_taken_port_is_said_or_passed_over(tmp_path: Path) -> None:
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs/mlflow.db").touch()
    with socket.socket() as taken, chdir(tmp_path):
        taken.bind((ui_command.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} of 127.0.0.1 is taken" in call(ui_command.main, "--port", port).refusal


def test_the_version_is_the_program_s_own() -> None:
    out = call(program.main, "--version").out
    assert out.startswith("runner 0.1.0 (Python 3.")
    assert "hydra-core 1.3" in out
