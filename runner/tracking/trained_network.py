"""A trained network, and what its run left in its folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from runner.base.errors import ConfigurationError, SeedError
from runner.base.option_types import Language
from runner.config.checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.datasets import catalog
from runner.tracking import mlflow_logging, mlflow_runs

OUTPUTS, NETWORK, _CONFIGURATION = Path("outputs"), "model.keras", "configuration/config.yaml"


@dataclass(frozen=True)
class Trained:
    """A trained network, and what is known of it.

    Attributes:
        name: for people.
        network: its file.
        folder: that its run left, or None for a mere file.
        node: configuration of its run in plain containers; empty for a mere file.
        logged: id of the MLflow run that it was fetched from, or None.
        uri: of the MLflow store; None is `outputs/mlflow.db`.
    """

    name: str
    network: Path
    folder: Path | None = None
    node: dict[str, Any] = field(default_factory=dict)
    logged: str | None = None
    uri: str | None = None

    @property
    def trained_on(self) -> str | None:
        """Name of the data set it was trained on, or None for a mere file."""
        name: str | None = self.node.get("dataset", {}).get("name")
        return name

    @property
    def run_id(self) -> str | None:
        """Id of its MLflow run, or None where there is none."""
        if self.logged is not None or self.folder is None or not connect_store(self.uri):
            return self.logged

        runs = mlflow_runs.runs_in_folder(self.folder)
        return runs[-1].run_id if runs else None

    @property
    def seeds(self) -> list[Trained]:
        """The networks of all seeds of its run, this one among them."""
        if self.folder is None or not self.folder.resolve().name.startswith("seed-"):
            return [self]
        folders = sorted(self.folder.resolve().parent.glob("seed-*"), key=_seed)
        return [network_in_folder(folder, None, self.uri) for folder in folders]

    @property
    def language(self) -> Language:
        """Language of its run's figures."""
        language: Language = self.node.get("language", "en")
        return language

    def dataset(self, name: str | None) -> DatasetConfig:
        """Return the data set of a name, or else the one it was trained on.

        Raises:
            ConfigurationError: neither is known, or there is no data set of that name.
        """
        if name is not None:
            return catalog.configured(name)
        if not self.node:
            raise ConfigurationError(
                f"{self.network}: a mere file; say what it recognizes, as in --dataset mnist"
            )
        config = parse_dataset(self.node["dataset"])
        if "own_pictures" in self.node["dataset"]:
            return config
        return _of_today(config)


def network_in_folder(folder: Path, seed: int | None, uri: str | None) -> Trained:
    """Return the network of a run's folder, or of one of the seeds' folders in it."""
    seeds = {_seed(path.parent): path.parent for path in folder.glob(f"seed-*/{NETWORK}")}
    if seeds:
        seed = min(seeds) if seed is None else seed
        if seed not in seeds:
            listed = ", ".join(map(str, sorted(seeds)))
            raise SeedError(f"--seed {seed}: {folder} has the seeds {listed}", sorted(seeds))
        return network_in_folder(seeds[seed], None, uri)
    if seed is not None and folder.name != f"seed-{seed}":
        raise SeedError(f"--seed {seed}: {folder} holds the network of one seed only", [])
    node = configuration_of(folder)
    if not (folder / NETWORK).is_file() or not node:
        missing = _CONFIGURATION if (folder / NETWORK).is_file() else NETWORK
        raise ConfigurationError(f"{folder}: no folder of a finished run: it has no {missing}")
    return Trained(folder.resolve().name, folder / NETWORK, folder, node, uri=uri)


def _of_today(config: DatasetConfig) -> DatasetConfig:
    """Add what the configuration of a run did not say when it was trained."""

    if config.name not in catalog.names():
        return config
    return replace(config, own_pictures=catalog.configured(config.name).own_pictures)


def connect_store(uri: str | None) -> bool:
    """Choose the MLflow store; tell whether there is one."""
    if uri is None and not (OUTPUTS / "mlflow.db").is_file():
        return False

    mlflow_logging.connect(uri, OUTPUTS)
    return True


def configuration_of(folder: Path) -> dict[str, Any] | None:
    """Return the configuration of the network in a folder, which may be that of one seed."""
    return _configuration(folder) or _configuration(folder.absolute().parent)


def _configuration(folder: Path) -> dict[str, Any] | None:
    """Return what the configuration kept in a folder says of data and figures, or None."""

    if not (folder / _CONFIGURATION).is_file():
        return None
    composed = OmegaConf.load(folder / _CONFIGURATION)
    assert isinstance(composed, DictConfig)
    parts = ("dataset", "augmentation", "figures", "language", "evaluation")
    kept = OmegaConf.masked_copy(composed, [part for part in parts if part in composed])
    node = OmegaConf.to_container(kept, resolve=True)
    assert isinstance(node, dict)
    return {str(key): value for key, value in node.items()}


def _seed(folder: Path) -> int:
    """Return the seed that a folder is named after."""
    return int(folder.name.partition("-")[2])
