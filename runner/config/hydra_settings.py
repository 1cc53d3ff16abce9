"""Hydra's own settings of a command line, as far as the program can do what they ask for."""

from __future__ import annotations

import re

from hydra.types import RunMode
from omegaconf import DictConfig

from runner.base.errors import ConfigurationError
from runner.config.groups import SINGLE


def check_settings(chosen: DictConfig) -> None:
    """Raise ConfigurationError where Hydra's own settings ask for what the program cannot do."""
    refused = {
        "hydra.mode=MULTIRUN: write -m before the values instead": chosen.mode == RunMode.MULTIRUN,
        "hydra.job.chdir=true: runs write to outputs/ in the working folder, and data and own "
        "parts are found in it; leave it false": chosen.job.chdir,
        f"hydra.callbacks={list(chosen.callbacks)}: these would run code beside the run; name "
        "callbacks of training in the group callbacks": chosen.callbacks,
    }
    for group in sorted(SINGLE - set(chosen.runtime.choices)):  # Hydra leaves out what has several
        overrides = [*chosen.overrides.task, *chosen.overrides.hydra]
        removed = any(re.match(rf"~{group}(=|$)", override) for override in overrides)
        given = next((o for o in overrides if o.startswith(f"{group}=")), group)
        refused[f"{given}: takes one choice; with -m {group}=A,B each is run"] = not removed
    for message, wrong in refused.items():
        if wrong:
            raise ConfigurationError(message)
