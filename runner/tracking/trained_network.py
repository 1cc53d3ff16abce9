"""A trained network of a finished run, or of a mere file, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runner.base.errors import ConfigurationError, SeedError
from runner.base.option_types import Language
from runner.config.checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.config.groups import check_foreign
from runner.config.messages import explain_values
from runner.datasets import catalog
from runner.tracking.run_configuration import configuration_of
from runner.tracking.run_finder import (
    CONFIGURATION,
    NETWORK,
    NETWORK_FILES,
    OUTPUTS,
    find_stored,
    known_stores,
)
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import seed_runs


@dataclass(frozen=True)
class Trained:
    """A trained network, and what is known of it.

    Attributes:
        name: for people.
        network: its file.
        folder: that its run left, or None for a mere file.
        node: configuration of its run in plain containers; empty for a mere file.
        logged: id of the run that it was fetched from, or None.
        uri: of the store; None is what is in `outputs/`.
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
    def stored(self) -> tuple[RunStore, StoredRun] | None:
        """Its run, and the store that knows it, or None where there is none."""
        for store in known_stores(self.uri):
            if self.logged is not None:
                runs = store.find(id_start=self.logged)
            elif self.folder is not None:
                runs = store.find({"folder": str(self.folder.resolve())}, status="FINISHED")
            else:
                runs = []
            if runs:
                return store, runs[-1]
        return None

    @property
    def run_id(self) -> str | None:
        """Id of its run, or None where there is none."""
        stored = None if self.logged is not None else self.stored
        return stored[1].run_id if stored is not None else self.logged

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

    def configured(self, part: str) -> Any:
        """Return a part of its run's configuration, whoever wrote that; None without the part.

        Raises:
            ConfigurationError: it names a function that runs from elsewhere may not bring along.
        """
        plain = self.node.get(part)
        check_foreign(plain, str(self.folder or self.name))
        return plain

    def own_dataset(self) -> DatasetConfig:
        """Return the data set that its run was trained on; there must be a run.

        Raises:
            ConfigurationError: its configuration is none, or names a function it may not.
        """
        plain = self.configured("dataset")
        try:
            return parse_dataset(plain)
        except ValidationError as error:
            lines = "; ".join(dict.fromkeys(explain_values(error, plain or {})))
            source = self.folder or self.name
            raise ConfigurationError(f"{source}: its configuration: dataset: {lines}") from error

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
        config = self.own_dataset()
        if "own_pictures" in self.node["dataset"]:
            return config
        return _of_today(config)


def find_network(word: str, seed: int | None = None, uri: str | None = None) -> Trained:
    """Find the trained network that somebody means.

    Args:
        word: the file of a network, or what `runner.tracking.run_finder.find_run` takes.
        seed: of a run with several; None is the first.
        uri: of the store; None is what is in `outputs/`.

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
    if path.suffix in NETWORK_FILES or len(path.parts) > 1:
        raise ConfigurationError(f"{word}: there is no such file or folder")
    return _of_stored(*find_stored(word, uri), seed, uri)


def permanent_name(word: str, uri: str | None = None) -> str:
    """Return a word that means the same network later too: the path in full, or the run's id."""
    if Path(word).exists():
        return str(Path(word).resolve())
    if word.startswith("models:/") or not known_stores(uri):
        return word
    return find_stored(word, uri)[1].run_id


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
    configuration = configuration_of(folder)
    if not (folder / NETWORK).is_file() or not configuration:
        missing = CONFIGURATION if (folder / NETWORK).is_file() else NETWORK
        raise ConfigurationError(f"{folder}: no folder of a finished run: it has no {missing}")
    return Trained(folder.resolve().name, folder / NETWORK, folder, configuration, uri=uri)


def _registered(word: str, seed: int | None, uri: str | None) -> Trained:
    """Return a registered network; what its run was configured with, where that is known."""
    if seed is not None:
        raise SeedError(f"--seed {seed}: {word} is one network", [])
    stores = known_stores(uri)
    if not stores:
        find_stored(word, uri)  # says what is missing
    registered = stores[0].registered(word, OUTPUTS / "fetched")
    run = registered.run
    if run is None or not run.level:
        return Trained(registered.name, registered.network)
    configuration, folder = stores[0].configuration(run), registered.network.parent
    return Trained(registered.name, registered.network, folder, configuration, run.run_id, uri)


def _of_stored(store: RunStore, run: StoredRun, seed: int | None, uri: str | None) -> Trained:
    """Return the network of a stored run, from its folder or else from what was logged."""
    if run.folder is not None:
        return network_in_folder(run.folder, seed, uri)
    seeds = seed_runs(store, run)
    wanted = seeds.get(min(seeds) if seed is None else seed) if seeds else run
    if wanted is None or (not seeds and seed is not None):
        message = f"run {run.run_id}: its stored runs hold no seed {seed}"
        raise SeedError(message, sorted(seeds))
    folder = OUTPUTS / "fetched" / wanted.run_id
    network = store.network(wanted, folder)
    if network is None:
        raise ConfigurationError(
            f"run {run.run_id}: its folder is gone, and the store holds no network of it; with "
            "tracking.log_model=true it would"
        )
    configuration = store.configuration(run)
    return Trained(wanted.name, network, folder, configuration, wanted.run_id, uri)


def _of_today(config: DatasetConfig) -> DatasetConfig:
    """Add what the configuration of a run did not say when it was trained."""
    if config.name not in catalog.names():
        return config
    return replace(config, own_pictures=catalog.configured(config.name).own_pictures)


def _seed(folder: Path) -> int:
    """Return the seed that a folder is named after."""
    return int(folder.name.partition("-")[2])
