"""The preparation of a sweep: all its jobs, composed and checked, from a command line."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from runner.base.errors import ConfigurationError
from runner.config import composition
from runner.config.checks import check_trainable
from runner.config.command_line import expand_sweep, read_command_line
from runner.config.component import Component, of_group
from runner.config.groups import LAUNCHER
from runner.config.messages import explain_values
from runner.config.run_config import Config
from runner.sweeps.jobs import Template
from runner.sweeps.plan import Grid, Plan

_LAUNCHER = TypeAdapter(dict[str, Annotated[Component, of_group(LAUNCHER)]])
_LONGEST_EXPERIMENT = 80


@dataclass(frozen=True)
class Sweep:
    """A sweep that can be started.

    Attributes:
        name: that it is found by when it is started again.
        command: overrides of the command line.
        config: of a job without choices.
        folder: for its files.
        plan: yields its jobs.
        launcher: returns the launcher that runs them.
        experiment: of the store, for all of its runs.
    """

    name: str
    command: list[str]
    config: Config
    folder: Path
    plan: Plan
    launcher: Component
    experiment: str


def check_command(arguments: Sequence[str]) -> Sweep | None:
    """Compose and check every job of a command line.

    Returns:
        the sweep; None for a single run, and where Hydra only prints something, such as its help.

    Raises:
        ConfigurationError: one of the jobs cannot be run.
    """
    command = read_command_line(arguments)
    if command.only_asks:
        if command.asks_for_values:
            composition.check_names(command.overrides)
        return None
    if not command.multirun:
        config = composition.compose_job(command.overrides)
        if not config.sweep.search:
            check_trainable(config)
            return None
    return prepare_sweep(command.overrides)


def prepare_sweep(overrides: list[str]) -> Sweep:
    """Compose and check a sweep and each of its jobs.

    Raises:
        ConfigurationError: one of the configurations is wrong.
    """
    fixed, combinations = expand_sweep(overrides)
    config = composition.compose_job(fixed)
    name = config.sweep.name or _default_name(overrides, list(combinations[0]))
    if not config.sweep.resume:
        name = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    hydra = composition.compose_hydra([*fixed, f"sweep.name={name}"])
    folder = Path(hydra["sweep_dir"]).absolute()
    template = Template(name, fixed, folder)
    if config.sweep.search:
        if combinations != [{}]:
            swept = ", ".join(combinations[0])
            raise ConfigurationError(f"{swept}: a search takes lists in sweep.search.space alone")
        plan: Plan = config.sweep.search(template)
        experiments = {config.tracking.experiment}
    else:
        plan = Grid([template.job(choices) for choices in combinations])
        _check_distinct([job.name for job in plan.jobs])
        experiments = {job.job.config.tracking.experiment for job in plan.jobs}
    experiment = _joined(experiments) or name
    launcher = _launcher(hydra["launcher"])
    return Sweep(name, overrides, config, folder, plan, launcher, experiment)


def _check_distinct(names: list[str]) -> None:
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated:
        raise ConfigurationError(f"{repeated}: two jobs of the sweep are the same")


def _default_name(overrides: list[str], swept: list[str]) -> str:
    """Return a name made of the keys that vary, and a digest of the command."""
    relevant = sorted(
        o for o in overrides if not o.startswith(("sweep.", "hydra/launcher", "hydra.launcher"))
    )
    digest = hashlib.sha256(json.dumps(relevant).encode()).hexdigest()[:6]
    words = [re.sub(r"\W+", "_", key.rpartition(".")[2]).strip("_") for key in swept]
    return "-".join([*words, digest])


def _joined(experiments: set[str]) -> str | None:
    """Return a name for a sweep over several data sets; None where it would be too long."""
    joined = "+".join(sorted(experiments))
    return joined if len(joined) <= _LONGEST_EXPERIMENT else None


def _launcher(plain: dict[str, Any]) -> Component:
    try:
        if not str(plain["_target_"]).startswith("runner."):
            raise ConfigurationError(
                f"hydra/launcher: {plain['_target_']} cannot run frozen jobs; choose sequential, "
                "joblib, ray or slurm"
            )
        return _LAUNCHER.validate_python({"hydra.launcher": plain})["hydra.launcher"]
    except ValidationError as error:
        lines = explain_values(error, {"hydra.launcher": plain})
        raise ConfigurationError("; ".join(lines)) from error
