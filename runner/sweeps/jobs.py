"""The jobs of a sweep, composed and checked before the first of them starts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from runner.base.errors import ConfigurationError, RunnerError
from runner.config import composition
from runner.config.checks import check_trainable
from runner.config.command_line import as_overrides
from runner.config.component import as_plain
from runner.config.dataset_checks import parse_dataset
from runner.config.dataset_config import DatasetConfig
from runner.config.naming import job_name
from runner.config.run_config import CONF
from runner.datasets.loader import load_dataset
from runner.run.earlier_networks import find_earlier
from runner.run.fingerprint import fingerprint
from runner.run.job import Job
from runner.tracking.run_store import SweepTags

BEST = "best"
"""Name of the job that trains the best configuration of a search on all training images."""

_LATEST = "{0}=latest: when the sweep goes on, the latest run will be one of its own; write {0}={1}"


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep, composed and checked.

    Attributes:
        job: configuration, folder and tags.
        directory: that the sweep was started in.
        fingerprint: see `runner.run.fingerprint`.
    """

    job: Job
    directory: Path
    fingerprint: str

    @property
    def sweep_tags(self) -> SweepTags:
        """Its sweep, and what distinguishes it there."""
        assert self.job.sweep_tags is not None
        return self.job.sweep_tags

    @property
    def name(self) -> str:
        """Name, unique in the sweep."""
        return self.sweep_tags.job

    def with_parent(self, parent: str, experiment: str) -> SweepJob:
        """Return the job with the parent run and the experiment that its runs are stored in."""
        tracking = replace(self.job.config.tracking, experiment=experiment)
        config = replace(self.job.config, tracking=tracking)
        tags = replace(self.sweep_tags, parent=parent)
        return replace(self, job=replace(self.job, config=config, sweep_tags=tags))

    def packed(self) -> PackedJob:
        """Return the job as plain values, to be sent to another process."""
        plain = self.job.config.as_plain()
        return PackedJob(plain, self.job.folder, self.directory, self.sweep_tags)


@dataclass(frozen=True)
class PackedJob:
    """A job as plain values; components are imported where it is unpacked.

    Attributes:
        configuration: in plain containers.
        folder: for its files.
        directory: that the sweep was started in.
        sweep_tags: its sweep, and what distinguishes it there.
    """

    configuration: dict[str, Any]
    folder: Path
    directory: Path
    sweep_tags: SweepTags

    def unpacked(self) -> Job:
        """Check and type the configuration again, and return the job."""
        config = composition.typed_config(self.configuration)
        return Job(config, self.folder, self.sweep_tags)


@dataclass(frozen=True)
class Ending:
    """The ending of a job.

    Attributes:
        status: pruned jobs were stopped by a search.
        error: message on one line, or an empty string; of a finished job, which figures failed.
        summary: statistics over its seeds; empty unless it finished.
        seconds: duration.
    """

    status: Literal["finished", "failed", "pruned"]
    error: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """A job of a sweep, and how it ended."""

    job: SweepJob
    ending: Ending


@dataclass(frozen=True)
class Template:
    """The common part of the jobs of a sweep.

    Attributes:
        sweep: name of the sweep.
        overrides: of every job.
        folder: of the sweep; each job has a subfolder.
        conf: folder of the configuration files.
    """

    sweep: str
    overrides: list[str]
    folder: Path
    conf: Path = CONF

    def job(
        self,
        choices: dict[str, str],
        *,
        name: str | None = None,
        overrides: Sequence[str] = (),
        callbacks: dict[str, Any] | None = None,
    ) -> SweepJob:
        """Compose and check one job.

        Args:
            choices: values of this job, as KEY: VALUE of the command line.
            name: None means a name made of the choices.
            overrides: further values, which are not shown among the choices.
            callbacks: added to those of the configuration, in plain containers.

        Raises:
            ConfigurationError: the configuration is wrong.
        """
        name = name or job_name(choices) or "job"
        args = [*self.overrides, *as_overrides(choices), *overrides]
        folder = self.folder / "jobs" / name
        plain = composition.compose_plain(args, folder, self.conf)
        plain["callbacks"] |= callbacks or {}
        plain["tracking"]["run_name"] = name if choices else plain["tracking"]["run_name"]
        config = composition.typed_config(plain)
        check_trainable(config)
        earlier = find_earlier(config)
        for option, one in earlier.found.items():
            if one.word == "latest":
                raise ConfigurationError(_LATEST.format(option, one.name))
        config = earlier.named(config)
        digests = _digests(config.dataset) | earlier.digests(config.all_seeds)
        job = Job(config, folder, SweepTags(self.sweep, name, choices=choices))
        return SweepJob(job, Path.cwd(), fingerprint(config, config.all_seeds, digests))


def _digests(dataset: DatasetConfig) -> dict[str, str]:
    """Return the digests of a data set, declared or computed; empty if it cannot be loaded."""
    declared: dict[str, str] = dataset.source().digests or {}
    return declared or _read_digests(json.dumps(as_plain(dataset)))


@cache
def _read_digests(dataset: str) -> dict[str, str]:
    try:
        return load_dataset(parse_dataset(json.loads(dataset))).digests
    except RunnerError:
        return {}
