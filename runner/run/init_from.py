"""The run whose networks a training starts from, found before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner.base.errors import ConfigurationError, SeedError
from runner.config.run_config import Config
from runner.models.network_digest import network_digest
from runner.run import leakage
from runner.tracking.network_finder import find_network, permanent_name
from runner.tracking.trained_network import TrainedNetwork


@dataclass(frozen=True)
class InitFrom:
    """The initial network of each seed.

    Attributes:
        word: that the run is named by on the command line.
        name: permanent name of the run: its id, or an absolute path.
        networks: initial network by seed.
    """

    word: str
    name: str
    networks: dict[int, TrainedNetwork]

    @property
    def first(self) -> TrainedNetwork:
        """One of them; all have seen the same images."""
        return next(iter(self.networks.values()))

    @property
    def folders(self) -> set[Path]:
        """Folders with the files of the networks, and of their run."""
        return set().union(*(network.folders for network in self.networks.values()))

    @property
    def trained_on(self) -> str:
        """The images or rows that the networks were trained on, for people."""
        if not self.first.configuration:
            return "images that are not known"
        data = self.first.own_dataset()
        count = "" if data.fitted_images is None else f"{data.fitted_images:,} "
        return f"{count}{data.items} of {data.name}"

    def digests(self, seeds: list[int]) -> dict[str, str]:
        """Return the digests of the initial weights and optimizer states of some seeds."""
        return {f"init_from.{seed}": network_digest(self.networks[seed].network) for seed in seeds}

    def tags(self, seed: int) -> dict[str, str]:
        """Return the tag for the initial network of a seed: the id of its run, or else its file."""
        network = self.networks[seed]
        return {"init_from": network.run_id or str(network.network.resolve())}


def find_init_from(config: Config) -> InitFrom | None:
    """Find the networks that `init_from` names; None where it is not set.

    Seed s starts from seed s of the run; a run with one network serves every seed.

    Raises:
        ConfigurationError: there is no such run, it lacks a seed, or it was trained on images that
            are now test or validation images.
    """
    if config.init_from is None:
        return None
    word, uri = config.init_from, config.tracking.uri
    try:
        name = permanent_name(word, uri)
        networks = {seed: _network(name, seed, uri) for seed in config.all_seeds}
    except SeedError as error:
        listed = ",".join(map(str, error.seeds))
        message = f"init_from={word}: {error}; choose seeds=[{listed}]"
        raise ConfigurationError(message) from error
    except ConfigurationError as error:
        raise ConfigurationError(f"init_from={error}") from error
    _check(networks[config.all_seeds[0]], config)
    return InitFrom(word, name, networks)


def _check(trained: TrainedNetwork, config: Config) -> None:
    """Raise ConfigurationError if training images of the run are now test or validation images."""
    if trained.configuration:
        with leakage.naming(f"init_from={config.init_from}"):
            leakage.check_leakage(trained.own_dataset(), config)


def _network(name: str, seed: int, uri: str | None) -> TrainedNetwork:
    try:
        return find_network(name, seed, uri)
    except SeedError as error:
        if error.seeds:
            raise SeedError(f"it has no seed {seed}", error.seeds) from error
        return find_network(name, None, uri)
