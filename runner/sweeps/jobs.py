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

from runner import datasets
from runner.base.errors import ConfigurationError, RunnerError
from runner.config import composition
from runner.config.checks import parse_dataset
from runner.config.run_config import CONF
from runner.run.fingerprint import fingerprint
from runner.run.init_from import find_init_from
from runner.tracking.sweep_tags import SweepTags

BEST = "best"
"""Name of the job that trains what a search found on all training images."""

_LONGEST_NAME = 100
_LATEST = (
    "init_from=latest: when the sweep goes on, the latest run will be one of its own; write "
    "init_from={}"
)


@dataclass(frozen=True)
class Job:
    """One configuration of a sweep, as plain values that any process can be handed.

    Attributes:
        node: the composed configuration.
        directory: that the sweep was started in.
        folder: for its files.
        fingerprint: what determines its result.
        membership: its place in the sweep.
    """

    node: dict[str, Any]
    directory: Path
    folder: Path
    fingerprint: str
    sweep_tags: SweepTags

    @property
    def name(self) -> str:
        """Its name, unique in the sweep."""
        return self.sweep_tags.job

    def placed(self, parent: str, experiment: str) -> Job:
        """Return the job with its place in MLflow: the sweep's run and its experiment."""
        tracking = self.node["tracking"] | {"experiment": experiment}
        return replace(
            self,
            node=self.node | {"tracking": tracking},
            sweep_tags=replace(self.sweep_tags, parent=parent),
        )


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        job: that ended.
        status: pruned jobs were given up by a search.
        error: what went wrong, on one line, or nothing.
        summary: statistics over its seeds, where it finished.
        seconds: that it took.
    """

    job: Job
    status: Literal["finished", "failed", "pruned"]
    error: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


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
    ) -> Job:
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
        folder = self.folder / "jobs" / name
        given = [*self.overrides, *composition.as_overrides(choices), *overrides]
        node = composition.compose_node(given, folder, self.conf)
        node["callbacks"] |= callbacks or {}
        node["tracking"]["run_name"] = name if choices else node["tracking"]["run_name"]
        config, digests = composition.typed_config(node), _digests(node["dataset"])
        if start := find_init_from(config):
            if config.init_from == "latest":
                raise ConfigurationError(_LATEST.format(start.place))
            node["init_from"] = start.place
            digests = digests | start.digests(config.all_seeds)
        sweep_tags = SweepTags(self.sweep, name, parent="", choices=choices)
        what = fingerprint(node, config.all_seeds, digests)
        return Job(node, Path.cwd(), folder, what, sweep_tags)


def job_name(choices: dict[str, str]) -> str:
    """Return choices as a name that can be a folder too, cut where it grows too long."""
    values = {key: re.sub(r"[\[\]]", "", value).replace(",", "-") for key, value in choices.items()}
    text = ",".join(f"{key.rpartition('.')[2]}={value}" for key, value in values.items())
    name = re.sub(r"[^\w.,=+-]+", "_", text).strip("_")
    if name == text and len(name) <= _LONGEST_NAME:
        return name
    short = hashlib.sha256(str(choices).encode()).hexdigest()[:6]
    return f"{name[:_LONGEST_NAME].rstrip('_')}-{short}"


def _digests(node: dict[str, Any]) -> dict[str, str]:
    """Return the digests of a job's data, declared or read; none where the job will fail to."""
    return parse_dataset(node).source().digests or _read_digests(json.dumps(node))


@cache
def _read_digests(node: str) -> dict[str, str]:
    try:
        return datasets.load(parse_dataset(json.loads(node))).digests
    except RunnerError:
        return {}
