"""Models in MLflow's registry; only the file of the network is read."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import mlflow
from runner.base.suggestions import nearest

PREFIX = "models:/"
_ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")
CHAMPION = "champion"
"""Alias of the registered network with the smallest validation error."""

_ERROR = "validation_error"
_FORMATS = (".keras", ".h5")


@dataclass(frozen=True)
class ModelVersion:
    """A version of a registered model.

    Attributes:
        name: of the model and its version.
        artifact_uri: of its files.
        run_id: of the MLflow run that logged it, or None.
    """

    name: str
    artifact_uri: str
    run_id: str | None

    def download(self, folder: Path) -> Path:
        """Download its network into a folder, and return the file.

        MLflow's own loader would unpickle other files of the model.

        Raises:
            ConfigurationError: it is no Keras network, or its files are missing.
        """
        try:
            listed = mlflow.artifacts.list_artifacts(artifact_uri=f"{self.artifact_uri}/data")
            files = [file.path for file in listed if file.path.endswith(_FORMATS)]
            if len(files) == 1:
                address = f"{self.artifact_uri}/data/{Path(files[0]).name}"
                folder.mkdir(parents=True, exist_ok=True)
                return Path(mlflow.artifacts.download_artifacts(address, dst_path=str(folder)))
        except (mlflow.exceptions.MlflowException, OSError) as error:
            raise ConfigurationError(f"{self.name}: cannot be fetched: {error}") from error
        names = ", ".join(Path(file.path).name for file in listed) or "nothing"
        raise ConfigurationError(
            f"{self.name}: expected a model with one .keras or .h5 file in data/, got {names}"
        )


def look_up(address: str) -> ModelVersion:
    """Look up the model version of an address such as models:/digits@champion.

    Raises:
        ConfigurationError: there is no such model or version.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ConfigurationError(f"{address}: expected models:/NAME@ALIAS or models:/NAME/VERSION")
    client, name = mlflow.MlflowClient(), match["name"]
    try:
        version = (
            client.get_model_version_by_alias(name, match["alias"])
            if match["alias"]
            else client.get_model_version(name, match["version"])
        )
    except mlflow.exceptions.MlflowException as error:
        raise ConfigurationError(f"{address}: {_missing(client, name)}") from error
    artifact_uri = client.get_model_version_download_uri(name, version.version)
    return ModelVersion(f"{name}-{version.version}", artifact_uri, version.run_id or None)


def register(name: str, model: Any, run_id: str, error: float) -> None:
    """Register a logged network as a version; it becomes the champion unless another is better.

    Nothing changes where that was done before.

    Args:
        name: of the registered model, which is created if need be.
        model: MLflow's logged model.
        run_id: of the run that logged it.
        error: on validation data.
    """
    client = mlflow.MlflowClient()
    with suppress(mlflow.exceptions.MlflowException):  # it exists
        client.create_registered_model(name)
    source, tags = f"models:/{model.model_id}", {_ERROR: repr(error)}
    versions = [version for version in _versions(run_id) if version.name == name]
    version = next(iter(versions), None) or client.create_model_version(
        name, source, run_id, tags=tags, model_id=model.model_id
    )
    champion = _champion(name)
    if champion is None or float(champion.tags.get(_ERROR, math.inf)) > error:
        client.set_registered_model_alias(name, CHAMPION, version.version)


def address_of(run_id: str) -> str | None:
    """Return the address of the registered network of a run, the champion's if it is that."""
    for version in _versions(run_id):
        champion = _champion(version.name)
        if champion is not None and champion.version == version.version:
            return f"{PREFIX}{version.name}@{CHAMPION}"
        return f"{PREFIX}{version.name}/{version.version}"
    return None


def _versions(run_id: str) -> list[Any]:
    return list(mlflow.MlflowClient().search_model_versions(f"run_id = '{run_id}'"))


def _champion(name: str) -> Any:
    try:
        return mlflow.MlflowClient().get_model_version_by_alias(name, CHAMPION)
    except mlflow.exceptions.MlflowException:
        return None


def _missing(client: mlflow.MlflowClient, name: str) -> str:
    models = {model.name: model for model in client.search_registered_models()}
    if name not in models:
        listed = ", ".join(models) or "none"
        return f"no registered model {name}, only {listed}{nearest(name, models)}"
    versions = client.search_model_versions(f"name = '{name}'")
    numbers = ", ".join(map(str, sorted(int(version.version) for version in versions))) or "none"
    aliases = ", ".join(models[name].aliases) or "none"
    return f"{name} has the versions {numbers}, and the aliases {aliases}"
