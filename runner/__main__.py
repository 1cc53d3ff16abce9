"""`runner`, or `python -m runner`: one run, a sweep of them, or one of the other commands."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig

from runner.base.errors import RunnerError
from runner.config import composition
from runner.config.help import show_help
from runner.config.run_config import CONF
from runner.config.search_path import hidden_files, join_own_conf
from runner.datasets import __main__ as datasets_command
from runner.predict import __main__ as predict_command
from runner.predict import inspection
from runner.run import console
from runner.run.experiment import run
from runner.sweeps import sweep_session
from runner.sweeps.command_line import check_command
from runner.sweeps.report import report_command

INTERRUPTED = 130
TRACEBACKS = bool(os.environ.get("HYDRA_FULL_ERROR"))
_COMMANDS: dict[str, Callable[[], int | None]] = {
    "predict": predict_command.main,
    "inspect": inspection.main,
    "report": report_command.main,
    "datasets": datasets_command.main,
}
_failures: list[Exception] = []


def command_line() -> int:
    """Pass a command line on to the command that it begins with; without one, train."""
    command = _COMMANDS.get(sys.argv[1]) if sys.argv[1:] else None
    if command:
        del sys.argv[1]
    return (command or main)() or 0


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
    if hidden := hidden_files():
        more = f" and {len(hidden) - 1} more" if hidden[1:] else ""
        _note(f"{hidden[0]}{more} not used: the program has a file of that name; rename yours")

    sweep = check_command(arguments)
    if sweep is not None:
        sweep_session.run_sweep(sweep)
        return

    join_own_conf()
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

    console.show_error(message)


def _note(message: str) -> None:
    console.errors.print(f"note: {message}", markup=False, soft_wrap=True)


def _terminate(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(command_line())
