"""What a command line asks for, checked before anything is started or imported that takes long."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from runner.config import composition

if TYPE_CHECKING:
    from runner.sweeps.preparation import Sweep


def check(arguments: Sequence[str]) -> "Sweep | None":
    """Compose and check every job that a command line asks for.

    Returns:
        the sweep it asks for; None for a single run, or a question that Hydra answers.

    Raises:
        ConfigurationError: one of the jobs cannot be run.
    """
    command = composition.read(arguments)
    if command.only_asks:
        return None
    if not command.multirun and not composition.compose_job(command.overrides).sweep.search:
        return None
    from runner.sweeps.preparation import prepare

    return prepare(command.overrides)
