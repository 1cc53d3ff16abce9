"""The composition of configurations from the command line, with errors a user can act on.

Hydra composes; this module does so once more beforehand, for every job of a sweep, so that a
mistake in the last of them is found before the first one starts, and TensorFlow is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException
from pydantic import ValidationError

from runner.base.errors import ConfigurationError
from runner.config.checks import parse_config
from runner.config.experiment_options import check_experiment
from runner.config.hydra_composition import compose_by_hydra, plain
from runner.config.hydra_errors import explain_hydra
from runner.config.messages import explain_values
from runner.config.run_config import CONF, Config


def compose_job(overrides: list[str]) -> Config:
    """Compose and check the configuration of one job; raise ConfigurationError."""
    composed = compose_plain(overrides)
    check_experiment(overrides, composed)
    return typed_config(composed)


def compose_plain(
    overrides: list[str], folder: Path = Path("outputs"), conf: Path = CONF
) -> dict[str, Any]:
    """Compose one job as plain containers; raise ConfigurationError where that is impossible.

    Args:
        overrides: of the job.
        folder: that the job will write to.
        conf: what is composed.
    """
    configuration = _composed(overrides, folder, conf)
    del configuration["hydra"]
    return configuration


def compose_hydra(overrides: list[str]) -> dict[str, Any]:
    """Compose what Hydra's own settings say of a sweep: its `launcher` and `sweep_dir`."""
    settings = _composed(overrides)["hydra"]
    assert isinstance(settings, dict)
    return settings


def typed_config(configuration: dict[str, Any]) -> Config:
    """Give a configuration in plain containers its types; raise ConfigurationError."""
    try:
        return parse_config(configuration)
    except ValidationError as error:
        lines = _without_copies(list(dict.fromkeys(explain_values(error, configuration))))
        raise ConfigurationError("; ".join(lines)) from error


def _without_copies(lines: list[str]) -> list[str]:
    """Leave out what is said of options that a source has from its data set."""
    keys = {line.partition("=")[0] for line in lines}
    copied = {key for key in keys if key.replace("dataset.source.", "dataset.", 1) in keys - {key}}
    return [line for line in lines if line.partition("=")[0] not in copied]


def check_names(overrides: list[str]) -> None:
    """Raise ConfigurationError where a command line names what is not there; check no value."""
    _composed(overrides)


def _composed(
    overrides: list[str], folder: Path = Path("outputs"), conf: Path = CONF
) -> dict[str, Any]:
    for override in overrides:
        key, at, _ = override.partition("=")[0].lstrip("+~").partition("@")
        if at:
            raise ConfigurationError(
                f"{override}: the choice of {key} has one place; write {key}= without @"
            )
    try:
        return plain(compose_by_hydra(overrides, folder, conf))
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise ConfigurationError(explain_hydra(error, overrides)) from error
