"""The jobs of a sweep: composed, checked and frozen before the first of them starts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from runner.base.errors import ConfigurationError, RunnerError
from runner.config import composition
from runner.config.checks import parse_dataset
from runner.config.component import as_plain
from runner.config.dataset_config import DatasetConfig
from runner.config.run_config import CONF
from runner.datasets.loader import load_dataset
from runner.run.fingerprint import fingerprint
from runner.run.init_from import find_init_from
from runner.run.job import Job
from runner.tracking.run_store import SweepTags

BEST = "best"
"""Name of the job that trains what a search found on all training images."""

_LONGEST_NAME = 100
_LATEST = (
    "init_from=latest: when the sweep goes on, the latest run will be one of its own; write "
    "init_from={}"
)


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep, composed and checked.

    Attributes:
        job: configuration, folder, and place in the sweep.
        directory: that the sweep was started in.
        fingerprint: of what determines its result.
    """

    job: Job
    directory: Path
    fingerprint: str

    @property
    def sweep_tags(self) -> SweepTags:
        """Its place in the sweep."""
        assert self.job.sweep_tags is not None
        return self.job.sweep_tags

    @property
    def name(self) -> str:
        """Its name, unique in the sweep."""
        return self.sweep_tags.job

    def placed(self, parent: str, experiment: str) -> SweepJob:
        """Return the job with its place in the store: the sweep's run and its experiment."""
        tracking = replace(self.job.config.tracking, experiment=experiment)
        config = replace(self.job.config, tracking=tracking)
        tags = replace(self.sweep_tags, parent=parent)
        return replace(self, job=replace(self.job, config=config, sweep_tags=tags))

    def packed(self) -> PackedJob:
        """Return the job as plain values that any process can be sent."""
        plain = self.job.config.as_plain()
        return PackedJob(plain, self.job.folder, self.directory, self.sweep_tags)


@dataclass(frozen=True)
class PackedJob:
    """A job as plain values; components are looked up where it is unpacked.

    Attributes:
        configuration: composed, in plain containers.
        folder: for its files.
        directory: that the sweep was started in.
        sweep_tags: its place in the sweep.
    """

    configuration: dict[str, Any]
    folder: Path
    directory: Path
    sweep_tags: SweepTags

    def unpacked(self) -> Job:
        """Return the job, checked and typed again."""
        config = composition.typed_config(self.configuration)
        return Job(config, self.folder, self.sweep_tags)


@dataclass(frozen=True)
class Ending:
    """How a job ended.

    Attributes:
        status: pruned jobs were given up by a search.
        error: what went wrong, on one line, or nothing.
        summary: statistics over its seeds, where it finished.
        seconds: that it took.
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
    """What the jobs of a sweep have in common.

    Attributes:
        sweep: name of the sweep.
        overrides: given to each job.
        folder: of the sweep; each job has its own in it.
        conf: the configuration files.
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
            choices: its own values, as KEY: VALUE of the command line.
            name: None makes one of the choices.
            overrides: given to it, but not shown among its choices.
            callbacks: added to those composed, as plain containers.

        Raises:
            ConfigurationError: it cannot be run.
        """
        name = name or job_name(choices) or "job"
        args = [*self.overrides, *composition.as_overrides(choices), *overrides]
        folder = self.folder / "jobs" / name
        plain = composition.compose_plain(args, folder, self.conf)
        plain["callbacks"] |= callbacks or {}
        plain["tracking"]["run_name"] = name if choices else plain["tracking"]["run_name"]
        config = composition.typed_config(plain)
        digests = _digests(config.dataset)
        if start := find_init_from(config):
            if config.init_from == "latest":
                raise ConfigurationError(_LATEST.format(start.name))
            config = replace(config, init_from=start.name)
            digests = digests | start.digests(config.all_seeds)
        job = Job(config, folder, SweepTags(self.sweep, name, choices=choices))
        return SweepJob(job, Path.cwd(), fingerprint(config, config.all_seeds, digests))


def job_name(choices: dict[str, str]) -> str:
    """Return choices as a name that can be a folder too, cut where it grows too long."""
    values = {key: re.sub(r"[\[\]]", "", value).replace(",", "-") for key, value in choices.items()}
    text = ",".join(f"{key.rpartition('.')[2]}={value}" for key, value in values.items())
    name = re.sub(r"[^\w.,=+-]+", "_", text).strip("_")
    if name == text and len(name) <= _LONGEST_NAME:
        return name
    short = hashlib.sha256(str(choices).encode()).hexdigest()[:6]
    return f"{name[:_LONGEST_NAME].rstrip('_')}-{short}"


def _digests(dataset: DatasetConfig) -> dict[str, str]:
    """Return the digests of a job's data, declared or read; none where the job will fail to."""
    declared: dict[str, str] = dataset.source().digests or {}
    return declared or _read_digests(json.dumps(as_plain(dataset)))


@cache
def _read_digests(dataset: str) -> dict[str, str]:
    try:
        return load_dataset(parse_dataset(json.loads(dataset))).digests
    except RunnerError:
        return {}
