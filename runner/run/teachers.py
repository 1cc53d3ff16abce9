"""The networks that a training learns from, found before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import shorten

from runner.base.errors import ConfigurationError
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import Config
from runner.models.network_digest import predictor_digest
from runner.models.saved_networks import load_network, normalizes
from runner.run import leakage
from runner.tracking.found_run import REPORT
from runner.tracking.network_finder import find_network, permanent_name
from runner.tracking.run_finder import as_path, find_run
from runner.tracking.trained_network import TrainedNetwork

KEY = "training.distillation.teacher"
_LONGEST = 60


@dataclass(frozen=True)
class Teachers:
    """The teachers of every seed.

    Attributes:
        word: that their run is named by on the command line.
        name: permanent name of their run: its id, or an absolute path.
        networks: of all seeds of the run.
    """

    word: str
    name: str
    networks: list[TrainedNetwork]

    @property
    def first(self) -> TrainedNetwork:
        """One of them; all have seen the same images."""
        return self.networks[0]

    @property
    def files(self) -> list[Path]:
        """Their files."""
        return [network.network for network in self.networks]

    @property
    def folders(self) -> set[Path]:
        """Folders with their files, and of their run."""
        return set().union(*(network.folders for network in self.networks))

    @cached_property
    def digests(self) -> dict[str, str]:
        """Return the digests of their layers and weights."""
        return {f"teacher.{n}": predictor_digest(file) for n, file in enumerate(self.files)}


def find_teachers(config: Config) -> Teachers | None:
    """Find the networks that `training.distillation` names; None where nothing is learned of any.

    Raises:
        ConfigurationError: there is no such run, it was trained for other classes, or on images
            that are now test or validation images.
    """
    chosen = config.training.distillation
    if chosen.teacher is None or not config.training.trains:
        return None
    try:
        name = permanent_name(chosen.teacher, config.tracking.uri)
        networks = _networks(name, config.tracking.uri)
    except ConfigurationError as error:
        raise ConfigurationError(f"{KEY}={error}; a teacher is trained before") from error
    if networks[0].configuration:
        with leakage.naming(f"{KEY}={chosen.teacher}"):
            earlier = networks[0].own_dataset()
            _check_names(earlier, config.dataset)
            leakage.check_leakage(earlier, config)
            _check_values(networks[0], config)
    else:
        _check_pixels(networks[0], config.dataset)
    return Teachers(chosen.teacher, name, networks)


def _networks(word: str, uri: str | None) -> list[TrainedNetwork]:
    """Return the networks of all seeds of a run, or the one of a mere file or of a seed."""
    path = as_path(word, uri)
    if path is not None and path.is_file() and not (path.parent / REPORT).is_file():
        return [find_network(word, None, uri)]
    seeds = find_run(word, uri).seeds().values()
    return [find_network(str(one.folder or one.key), None, uri) for one in seeds]


def _check_values(teacher: TrainedNetwork, config: Config) -> None:
    """Refuse values that are no probabilities as part of targets that are to be some."""
    linear = teacher.configuration.get("model", {}).get("output_activation") == "linear"
    numbers = config.dataset.output_names or config.training.loss == "mean_squared_error"
    if linear and not numbers:
        raise ConfigurationError(
            "its outputs are no probabilities (model.output_activation=linear), which "
            f"training.loss={config.training.loss} compares; choose another run, or "
            "training.loss=mean_squared_error"
        )


def _check_pixels(teacher: TrainedNetwork, now: DatasetConfig) -> None:
    """Refuse a network from elsewhere that does not scale pixels; nobody says what it expects."""
    if not now.is_table and not normalizes(load_network(teacher.network)):
        raise ConfigurationError(
            f"{KEY}: {teacher.network.name} has no normalization layer, and is given pixels of "
            "0..255; put a layer before it that scales them as it expects, such as "
            "keras.layers.Rescaling(1 / 255), and save both as one network"
        )


def _check_names(earlier: DatasetConfig, now: DatasetConfig) -> None:
    """Refuse teachers whose outputs stand for something else."""
    there, here = earlier.task().names, now.task().names
    if there and here and there != here:
        raise ConfigurationError(
            f"its outputs stand for {shorten(', '.join(there), _LONGEST, placeholder=' ...')}, "
            f"those here for {shorten(', '.join(here), _LONGEST, placeholder=' ...')}; choose a "
            f"run on {now.name}"
        )
