"""Models in MLflow's registry, of which nothing but the network's file is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from runner.base.errors import ConfigurationError
from runner.base.lazy import mlflow
from runner.base.suggestions import nearest

PREFIX = "models:/"
_ADDRESS = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")
_FORMATS = (".keras", ".h5")


@dataclass(frozen=True)
class Registered:
    """A version of a registered model.

    Attributes:
        name: of the model and its version.
        place: address of its files.
        run_id: of the MLflow run that logged it, or None.
    """

    name: str
    place: str
    run_id: str | None

    def download(self, folder: Path) -> Path:
        """Fetch its network into a folder, and return the file.

        MLflow's own loading would unpickle what the model brings with it.

        Raises:
            ConfigurationError: it is no network of Keras, or its files are gone.
        """
        try:
            inside = mlflow.artifacts.list_artifacts(artifact_uri=f"{self.place}/data")
            files = [file.path for file in inside if file.path.endswith(_FORMATS)]
            if len(files) == 1:
                address = f"{self.place}/data/{Path(files[0]).name}"
                folder.mkdir(parents=True, exist_ok=True)
                return Path(mlflow.artifacts.download_artifacts(address, dst_path=str(folder)))
        except (mlflow.exceptions.MlflowException, OSError) as error:
            raise ConfigurationError(f"{self.name}: cannot be fetched: {error}") from error
        held = ", ".join(Path(file.path).name for file in inside) or "nothing"
        raise ConfigurationError(
            f"{self.name}: expected a model with one .keras or .h5 file in data/, got {held}"
        )


def look_up(address: str) -> Registered:
    """Return the version of a model that an address such as models:/digits@champion means.

    Raises:
        ConfigurationError: there is none.
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
    place = client.get_model_version_download_uri(name, version.version)
    return Registered(f"{name}-{version.version}", place, version.run_id or None)


def _missing(client: mlflow.MlflowClient, name: str) -> str:
    models = {model.name: model for model in client.search_registered_models()}
    if name not in models:
        listed = ", ".join(models) or "none"
        return f"no registered model {name}, only {listed}{nearest(name, models)}"
    versions = client.search_model_versions(f"name = '{name}'")
    numbers = ", ".join(map(str, sorted(int(version.version) for version in versions))) or "none"
    aliases = ", ".join(models[name].aliases) or "none"
    return f"{name} has the versions {numbers}, and the aliases {aliases}"
