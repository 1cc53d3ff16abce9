"""What a command line asks for, checked before anything is started or imported that takes long."""

from __future__ import annotations

from collections.abc import Sequence

from runner.config import composition
from runner.sweeps.preparation import Sweep, prepare_sweep


def check_command(arguments: Sequence[str]) -> Sweep | None:
    """Compose and check every job that a command line asks for.

    Returns:
        the sweep it asks for; None for a single run, or a question that Hydra answers.

    Raises:
        ConfigurationError: one of the jobs cannot be run.
    """
    command = composition.read_command_line(arguments)
    if command.only_asks:
        return None
    if not command.multirun and not composition.compose_job(command.overrides).sweep.search:
        return None

    return prepare_sweep(command.overrides)
