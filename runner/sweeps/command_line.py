"""The early check of a command line, before anything slow is started or imported."""

from __future__ import annotations

from collections.abc import Sequence

from runner.config import composition
from runner.sweeps.preparation import Sweep, prepare_sweep


def check_command(arguments: Sequence[str]) -> Sweep | None:
    """Compose and check every job of a command line.

    Returns:
        the sweep; None for a single run, and where Hydra only prints something, such as its help.

    Raises:
        ConfigurationError: one of the jobs cannot be run.
    """
    command = composition.read_command_line(arguments)
    if command.only_asks:
        return None
    if not command.multirun and not composition.compose_job(command.overrides).sweep.search:
        return None

    return prepare_sweep(command.overrides)
