"""The networks of earlier runs that a training builds on: initial ones, and teachers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from runner.base.errors import ConfigurationError
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.run import leakage
from runner.run.earlier_attempts import digest_tag
from runner.run.init_from import InitFrom, find_init_from
from runner.run.teachers import KEY, Teachers, find_teachers


@dataclass(frozen=True)
class EarlierNetworks:
    """What a training builds on.

    Attributes:
        init_from: initial network of each seed, or None.
        teachers: that every seed learns from, or None.
    """

    init_from: InitFrom | None
    teachers: Teachers | None

    @property
    def found(self) -> dict[str, InitFrom | Teachers]:
        """Those that there are, by the option that names their run."""
        both = {"init_from": self.init_from, KEY: self.teachers}
        return {option: one for option, one in both.items() if one}

    @property
    def teacher_files(self) -> list[Path]:
        """Files of the teachers."""
        return self.teachers.files if self.teachers else []

    def named(self, config: Config) -> Config:
        """Return a configuration that names what it does now for ever, as `latest` does not."""
        if self.init_from:
            config = replace(config, init_from=self.init_from.name)
        if self.teachers:
            chosen = replace(config.training.distillation, teacher=self.teachers.name)
            config = replace(config, training=replace(config.training, distillation=chosen))
        return config

    def digests(self, seeds: list[int]) -> dict[str, str]:
        """Return the digests of what the training of some seeds builds on."""
        return (self.init_from.digests(seeds) if self.init_from else {}) | (
            self.teachers.digests if self.teachers else {}
        )

    def tags(self, seeds: list[int]) -> dict[str, str]:
        """Return the tags of a run with some seeds: what it builds on, and a digest of that."""
        found: dict[str, str] = {}
        for option, one in self.found.items():
            digests = one.digests if isinstance(one, Teachers) else one.digests(seeds)
            digest = hashlib.sha256(" ".join(digests.values()).encode()).hexdigest()
            found |= {option: one.name, digest_tag(option): digest}
        return found

    def check_apart(self, folder: Path) -> None:
        """Raise ConfigurationError where a run would write its files over those of what is here."""
        for option, one in self.found.items():
            if folder.resolve() in one.folders:
                raise ConfigurationError(
                    f"{option}={one.word}: its network is in {folder}, where this run would write "
                    "its own files over those; choose another hydra.run.dir, or leave it out"
                )

    def check_data(self, config: Config, data: Dataset) -> None:
        """Raise ConfigurationError where files of the data changed since they were trained."""
        for option, one in self.found.items():
            trained = one.first
            if trained.configuration and trained.folder:
                with leakage.naming(f"{option}={one.word}"):
                    leakage.check_content(trained.own_dataset(), trained.folder, config, data)


def find_earlier(config: Config) -> EarlierNetworks:
    """Find what the training of a configuration builds on.

    Raises:
        ConfigurationError: a run is not there, does not fit, or was trained on images that are now
            test or validation images.
    """
    return EarlierNetworks(find_init_from(config), find_teachers(config))
