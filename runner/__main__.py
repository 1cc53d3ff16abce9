"""`python -m runner`: one run, or a sweep of them; see `runner.run.experiment`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig

from runner.base.console import show_error
from runner.base.errors import RunnerError
from runner.config import composition
from runner.config.help import show_help
from runner.config.run_config import CONF
from runner.run.experiment import run
from runner.sweeps import sweep_session
from runner.sweeps.command_line import check_command

INTERRUPTED = 130
TRACEBACKS = bool(os.environ.get("HYDRA_FULL_ERROR"))
_failures: list[Exception] = []


def main() -> None:
    """Answer a question about the command line, or run what it describes."""
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        show_help()
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        _start(arguments)
    except KeyboardInterrupt:
        _say("interrupted; what was logged until now is kept, the run is marked KILLED")
        sys.exit(INTERRUPTED)
    except Exception as error:
        if TRACEBACKS:
            raise
        kind = "" if isinstance(error, RunnerError) else f"{type(error).__name__}: "
        _say(f"{kind}{error}")
        sys.exit(1)


def _start(arguments: list[str]) -> None:
    """Run a sweep, or leave the rest to Hydra."""

    sweep = check_command(arguments)
    if sweep is not None:
        sweep_session.run_sweep(sweep)
        return

    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on and prints no traceback of them
    hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_single)()
    if _failures:
        raise _failures.pop()


def _single(composed: Any) -> None:
    """Run the one job that Hydra composed."""

    node = composition.plain(composed)
    try:
        run(composition.typed_config(node), node, Path(HydraConfig.get().runtime.output_dir))
    except Exception as error:  # noqa: BLE001 - Hydra would add a line of its own; see _start
        _failures.append(error)


def _say(message: str) -> None:

    show_error(message)


def _terminate(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
