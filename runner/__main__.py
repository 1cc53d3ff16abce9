"""`python -m runner`: one run, or a sweep of them; see `runner.run.experiment`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig

from runner.base.command import run_command
from runner.config import composition
from runner.config.help import show_help
from runner.config.run_config import CONF
from runner.run.experiment import run
from runner.run.job import Job
from runner.sweeps import sweep_session
from runner.sweeps.command_line import check_command

_INTERRUPTED = "interrupted; what was logged until now is kept, the run is marked KILLED"
_failures: list[Exception] = []


def main() -> int:
    """Show help, or run what the command line describes; return the exit code."""
    return run_command(_run, interrupted=_INTERRUPTED)


def _run(arguments: Sequence[str]) -> bool:
    """Show help, run a sweep, or leave the rest to Hydra, which reads the command line itself."""
    if {"-h", "--help"} & set(arguments):
        show_help()
        return True
    sweep = check_command(list(arguments))
    if sweep is not None:
        sweep_session.run_sweep(sweep)
        return True

    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on and prints no traceback of them
    hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_run_composed)()
    if _failures:
        raise _failures.pop()
    return True


def _run_composed(composed: Any) -> None:
    """Run the one job that Hydra composed."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    try:
        run(Job(composition.typed_config(composition.plain(composed)), folder))
    except Exception as error:  # noqa: BLE001 - Hydra would add a line of its own; see _run
        _failures.append(error)


if __name__ == "__main__":
    sys.exit(main())
