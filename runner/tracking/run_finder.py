"""Finding the trained network that somebody means."""

from __future__ import annotations

from pathlib import Path

from runner.base.errors import ConfigurationError, SeedError
from runner.base.suggestions import nearest
from runner.tracking import mlflow_runs, model_registry
from runner.tracking.mlflow_runs import Run
from runner.tracking.trained_network import (
    NETWORK,
    OUTPUTS,
    Trained,
    configuration_of,
    connect_store,
    network_in_folder,
)

FORMATS = (".keras", ".h5", ".hdf5")
_ID = set("0123456789abcdef")


def find_network(word: str, seed: int | None = None, uri: str | None = None) -> Trained:
    """Find the network that somebody means.

    Args:
        word: a file or folder, the name or the beginning of the id of an MLflow run, `latest`, or
            the address of a registered model, `models:/NAME@ALIAS` or `models:/NAME/VERSION`.
        seed: of a run with several; None is the first.
        uri: of the MLflow store; None is `outputs/mlflow.db`.

    Raises:
        ConfigurationError: there is no such network, or it is not clear which one is meant.
    """
    if word.startswith("models:/"):
        return _registered(word, seed, uri)
    path = Path(word)
    if path.is_dir():
        return network_in_folder(path, seed, uri)
    if path.is_file():
        if path.name == NETWORK and configuration_of(path.parent):
            return network_in_folder(path.parent, seed, uri)
        if seed is not None:
            raise SeedError(f"--seed {seed}: {word} is a file, with one network", [])
        return Trained(path.stem, path)
    if path.suffix in FORMATS or len(path.parts) > 1:
        raise ConfigurationError(f"{word}: there is no such file or folder")
    _connect(word, uri)
    return _of_run(find_run(word), seed, uri)


def find_run(word: str) -> Run:
    """Find a finished run in the store by its name, the beginning of its id, or `latest`.

    Raises:
        ConfigurationError: there is no such run, or it is not clear which one is meant.
    """
    return _latest() if word == "latest" else _the_one(word)


def _connect(word: str, uri: str | None) -> None:
    if not connect_store(uri):
        raise ConfigurationError(
            f"{word}: neither a file nor a folder, and there is no {OUTPUTS / 'mlflow.db'} with "
            "runs; change to the directory that they were started in, or name the store "
            "(--uri, or tracking.uri of a training)"
        )


def _registered(word: str, seed: int | None, uri: str | None) -> Trained:
    """Return a registered network; what its run was configured with, where that is known."""
    if seed is not None:
        raise SeedError(f"--seed {seed}: {word} is one network", [])
    _connect(word, uri)

    version = model_registry.look_up(word)
    folder = OUTPUTS / "fetched" / version.name
    network = version.download(folder)
    run = next(iter(mlflow_runs.named(version.run_id)), None) if version.run_id else None
    if run is None or "level" not in run.tags:
        return Trained(version.name, network)
    node = mlflow_runs.configuration(run)
    return Trained(version.name, network, folder, node, run.run_id, uri)


def permanent_name(word: str, uri: str | None = None) -> str:
    """Return a word that means the same network later too: the path in full, or the run's id."""
    if Path(word).exists():
        return str(Path(word).resolve())
    if word.startswith("models:/") or not connect_store(uri):
        return word
    return find_run(word).run_id


def _of_run(run: Run, seed: int | None, uri: str | None) -> Trained:
    """Return the network of an MLflow run, from its folder or else from what was logged."""

    if Path(run.tags.get("folder", "\0")).is_dir():
        return network_in_folder(Path(run.tags["folder"]), seed, uri)
    wanted = mlflow_runs.of_seed(run, seed)
    if wanted is None:
        said = f"run {run.run_id}: its MLflow runs hold no seed {seed}"
        raise SeedError(said, mlflow_runs.seeds(run))
    folder = OUTPUTS / "fetched" / wanted.run_id
    if not mlflow_runs.download_network(wanted, folder):
        raise ConfigurationError(
            f"run {run.run_id}: its folder is gone, and MLflow holds no network of it; with "
            "tracking.log_model=true it would"
        )
    node = mlflow_runs.configuration(run)
    return Trained(
        wanted.tags["mlflow.runName"], folder / NETWORK, folder, node, wanted.run_id, uri
    )


def _the_one(word: str) -> Run:

    runs = mlflow_runs.named(word)
    if not runs and set(word) <= _ID:
        runs = mlflow_runs.beginning_with(word)
        if len(runs) > 1:
            ids = ", ".join(run.run_id for run in runs[:5])
            raise ConfigurationError(f"{word}: {len(runs)} runs begin so ({ids}, ...); write more")
    if not runs:
        names = {"latest", *(run.tags.get("mlflow.runName", "") for run in mlflow_runs.finished())}
        raise ConfigurationError(
            f"{word}: no file or folder, and no run of this name or id{nearest(word, names)}"
        )
    finished = [
        run for run in runs if run.status == "FINISHED" and run.tags.get("level") != "sweep"
    ]
    if not finished:
        kind = runs[-1].tags.get("level", "run")
        raise ConfigurationError(
            f"{word}: this {kind} is {runs[-1].status} and left no network; choose a finished run"
        )
    return finished[-1]


def _latest() -> Run:

    newest = next((run for run in mlflow_runs.finished() if run.tags.get("level") == "job"), None)
    if newest is None:
        raise ConfigurationError("latest: there is no finished run yet")
    return newest
