"""A trained network, from a finished run or a file, with the configuration of its run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runner.base.errors import ConfigurationError, SeedError
from runner.base.option_types import Language
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.config.groups import check_foreign
from runner.config.messages import explain_values
from runner.config.run_config import DEFAULT_THRESHOLD
from runner.datasets import catalog
from runner.tracking.found_run import CONFIGURATION, NETWORK, REPORT
from runner.tracking.run_configuration import configuration_of, configured_seeds
from runner.tracking.run_finder import existing_stores, stored_of_folder
from runner.tracking.run_store import RunStore, StoredRun


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network and its run.

    Attributes:
        name: for people.
        network: its file.
        folder: of its run, or None without a run.
        configuration: of its run, in plain containers; empty without a run.
        logged: id of the run that it was downloaded from, or None.
        uri: of the store; None means the stores in `outputs/`.
    """

    name: str
    network: Path
    folder: Path | None = None
    configuration: dict[str, Any] = field(default_factory=dict)
    logged: str | None = None
    uri: str | None = None

    @property
    def trained_on(self) -> str | None:
        """Name of the data set it was trained on, or None without a run."""
        name: str | None = self.configuration.get("dataset", {}).get("name")
        return name

    @property
    def is_untrained(self) -> bool:
        """Whether its run left the weights as they were drawn, as one of the architecture does."""
        training = self.configuration.get("training", {})
        trained = training.get("epochs") != 0 or training.get("fine_tuning")
        return not trained and not self.configuration.get("init_from")

    @property
    def stored(self) -> tuple[RunStore, StoredRun] | None:
        """The store of its run, and the run in it, or None."""
        if self.logged is None:
            return stored_of_folder(self.folder, self.uri) if self.folder is not None else None
        for store in existing_stores(self.uri):
            if runs := store.find(id_start=self.logged):
                return store, runs[-1]
        return None

    @property
    def run_id(self) -> str | None:
        """Id of its run, or None."""
        stored = None if self.logged is not None else self.stored
        return stored[1].run_id if stored is not None else self.logged

    @property
    def seeds(self) -> list[TrainedNetwork]:
        """Networks of all seeds of its run, this one included."""
        if self.folder is None or not self.folder.resolve().name.startswith("seed-"):
            return [self]
        networks = self.folder.resolve().parent.glob(f"seed-*/{NETWORK}")
        folders = sorted((network.parent for network in networks), key=_seed)
        return [network_in_folder(folder, None, self.uri) for folder in folders]

    @property
    def folders(self) -> set[Path]:
        """Folder of its file, and that of its run, where it is of one of several seeds."""
        folder = self.network.resolve().parent
        return {folder, folder.parent} if folder.name.startswith("seed-") else {folder}

    @property
    def missing_seeds(self) -> list[int]:
        """Seeds that its run was to be trained with, and has no network of."""
        if self.folder is None or not self.folder.resolve().name.startswith("seed-"):
            return []
        job = self.folder.resolve().parent
        return [s for s in configured_seeds(job) if not (job / f"seed-{s}" / NETWORK).is_file()]

    @property
    def language(self) -> Language:
        """Language of the figures of its run; English without a run."""
        language: Language = self.configuration.get("language", "en")
        return language

    def configured(self, part: str) -> Any:
        """Return a part of its run's configuration, whoever wrote that; None without the part.

        Raises:
            ConfigurationError: it names a function that runs from elsewhere may not bring along.
        """
        plain = self.configuration.get(part)
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

    @property
    def threshold(self) -> float:
        """Probability above which its run gives an image a label, where it can have several."""
        evaluation = self.configuration.get("evaluation", {})
        return float(evaluation.get("threshold", DEFAULT_THRESHOLD))

    def dataset(self, name: str | None) -> DatasetConfig:
        """Return the data set of a name; for None the one that the network was trained on.

        Raises:
            ConfigurationError: there is no data set of that name, or neither name nor run.
        """
        if name is not None:
            return catalog.configured(name)
        if not self.configuration:
            raise ConfigurationError(
                f"{self.network}: a mere file; say what it recognizes, as in --dataset mnist"
            )
        config = self.own_dataset()
        if "own_pictures" in self.configuration["dataset"]:
            return config
        return _completed(config)


def network_in_folder(folder: Path, seed: int | None, uri: str | None) -> TrainedNetwork:
    """Return the network in the folder of a run, or in the folder of one of its seeds."""
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
    if (folder / REPORT).is_file() and not (folder / NETWORK).is_file():
        raise ConfigurationError(
            f"{folder}: its run is finished, but {NETWORK} is gone; restore it, or repeat the run"
        )
    if not (folder / NETWORK).is_file() or not configuration:
        missing = CONFIGURATION if (folder / NETWORK).is_file() else NETWORK
        raise ConfigurationError(f"{folder}: no folder of a finished run: it has no {missing}")
    return TrainedNetwork(folder.resolve().name, folder / NETWORK, folder, configuration, uri=uri)


def _completed(config: DatasetConfig) -> DatasetConfig:
    """Complete the configuration of an older run, which may lack `own_pictures`."""
    if config.name not in catalog.names():
        return config
    return replace(config, own_pictures=catalog.configured(config.name).own_pictures)


def _seed(folder: Path) -> int:
    """Return the seed that a folder is named after."""
    return int(folder.name.partition("-")[2])
