"""The command `python -m runner ui`: MLflow's UI on the runs, opened where they are compared."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import psutil

from runner.base.command import Parser, positive_int, run_command
from runner.base.console import busy, say
from runner.base.errors import ConfigurationError, RunnerError
from runner.base.lazy import mlflow
from runner.base.program_files import command_name
from runner.tracking import mlflow_view
from runner.tracking.mlflow_store import DATABASE, MlflowStore
from runner.tracking.run_finder import OUTPUTS

HOST = "127.0.0.1"
"""What the UI listens on unless it is told otherwise: this machine alone."""

_PORT, _PORTS = 5000, 20
_LISTED = 8
_PATIENCE = 60
"""Seconds in which the server should answer."""


def main() -> int:
    """Serve until interrupted, and return the exit code."""
    return run_command(_run, interrupted="the UI is closed")


def _run(arguments: Sequence[str]) -> bool:
    parser = Parser(
        prog=f"{command_name()} ui", description="Open MLflow's UI on the runs of this folder."
    )
    add = parser.add_argument
    add("--uri", help="of the store of runs; otherwise outputs/mlflow.db")
    add("--host", default=HOST, help="to listen on; default: this machine alone")
    add("--port", metavar="N", type=positive_int, help=f"default: {_PORT}, or the next free one")
    add("--no-browser", action="store_true", help="do not open a window")
    parsed = parser.parse_args(arguments)
    uri = parsed.uri or _database()
    if uri.startswith("http"):
        return _show(
            experiments(uri), str(mlflow_view.server_of(uri)), open_window=not parsed.no_browser
        )
    for port in _free_ports(parsed.host, parsed.port):
        served = _serve(uri, parsed.host, port, open_window=not parsed.no_browser)
        if served is not None:
            return served
    taken = parsed.port or f"{_PORT} to {_PORT + _PORTS - 1}"
    raise ConfigurationError(
        f"port {taken} of {parsed.host} is taken; choose another one with --port"
    )


def _database() -> str:
    path = OUTPUTS / DATABASE
    if not path.is_file():
        raise ConfigurationError(
            f"there is no {path} here; change to the folder that the runs were started in, name "
            f"the store (--uri), or list runs in folders with `{command_name()} list`"
        )
    return f"sqlite:///{path.resolve()}"


def _free_ports(host: str, wanted: int | None) -> Iterator[int]:
    """Yield ports that are free when they are asked for, and may be taken a moment later."""
    for port in [wanted] if wanted else range(_PORT, _PORT + _PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
        yield port


def _serve(uri: str, host: str, port: int, *, open_window: bool) -> bool | None:
    """Serve until the server ends; return whether it was well, None where the port was taken."""
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri]
    command += ["--host", host, "--port", str(port), "--workers", "1"]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    log = OUTPUTS / "mlflow-ui.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(command, env=os.environ | quiet, stdout=file, stderr=file)  # noqa: S603
        try:
            with busy("starting MLflow"):
                listed = experiments(uri)
                if not _await(server, host, port, log):
                    return None
            _show(listed, f"http://{host}:{port}", open_window=open_window)
            say("Ctrl-C closes it")
            return server.wait() == 0
        finally:
            server.terminate()
            server.wait()


def _await(server: subprocess.Popen[bytes], host: str, port: int, log: Path) -> bool:
    """Wait until a server answers; return False where it ended, as another one has its port.

    Raises:
        RunnerError: it ended, or does not answer.
    """
    deadline, ended = time.monotonic() + _PATIENCE, False
    while not ended and time.monotonic() < deadline:
        ended = server.poll() is not None
        if _answers(host, port) and (ended or _listens(server, port)):
            return not ended
        time.sleep(0.1)
    raise RunnerError(f"MLflow's UI did not start; {log} says why")


def _answers(host: str, port: int) -> bool:
    try:
        with closing(HTTPConnection(host, port, timeout=1)) as connection:
            connection.request("GET", "/health")
            return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False


def _listens(server: subprocess.Popen[bytes], port: int) -> bool:
    """Tell whether it is a server, and no other, that has a port; where nobody tells, it is."""
    try:
        process = psutil.Process(server.pid)
        family = [process, *process.children(recursive=True)]
        sockets = [each for one in family for each in one.net_connections("tcp")]
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)


def _show(listed: list[tuple[str, str]], server: str, *, open_window: bool) -> bool:
    """Print the address of the runs of each experiment, the one used last first; open that."""
    width = max((len(name) for name, _ in listed[:_LISTED]), default=0)
    addresses = [mlflow_view.runs_address(server, number) for _, number in listed]
    for (name, _), address in zip(listed[:_LISTED], addresses, strict=False):
        say(f"{name:{width}}  {address}")
    if listed[_LISTED:]:
        say(f"and {len(listed) - _LISTED} more experiments")
    if open_window and _has_desktop():
        first = addresses[0] if addresses else server
        Thread(target=webbrowser.open, args=(first,), daemon=True).start()
    return True


def _has_desktop() -> bool:
    elsewhere = sys.platform in {"darwin", "win32"}
    return elsewhere or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def experiments(uri: str) -> list[tuple[str, str]]:
    """Return name and id of the experiments with runs, the one with the newest run first.

    Those of earlier versions of the program get what the UI shows them by.
    """
    with MlflowStore(OUTPUTS, uri).answering():
        client, found = mlflow.MlflowClient(), []
        for experiment in client.search_experiments():
            newest = client.search_runs([experiment.experiment_id], max_results=1)
            if newest:
                missing = mlflow_view.missing_tags(experiment.tags, "test_error")
                for key, value in missing.items():
                    client.set_experiment_tag(experiment.experiment_id, key, value)
                entry = (experiment.name, experiment.experiment_id)
                found.append((newest[0].info.start_time, entry))
        return [entry for _, entry in sorted(found, reverse=True)]
