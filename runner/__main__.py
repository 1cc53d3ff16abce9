"""`python -m runner`: one run, or a sweep of them; see `runner.run.experiment`."""

from __future__ import annotations

import runner.base.early_interrupt  # noqa: F401 - first, since imports take a second

# isort: split
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from runner.base.command import language_of, run_command
from runner.base.console import note, say
from runner.base.errors import ConfigurationError
from runner.base.program_files import program_version
from runner.base.suggestions import nearest
from runner.config import composition
from runner.config.command_line import quote_texts
from runner.config.help import show_help
from runner.config.hydra_composition import plain
from runner.config.naming import NAMING_RUNS
from runner.config.run_config import CONF
from runner.config.search_path import hidden_files, prepare_hydra
from runner.datasets import __main__ as datasets_command
from runner.play import __main__ as play_command
from runner.predict import __main__ as predict_command
from runner.predict import inspection
from runner.run import learning_rate_finder
from runner.run.experiment import run
from runner.run.interruption import NOTHING_STORED
from runner.run.job import Job
from runner.run.outputs_folder import naming_outputs
from runner.run.resume import resumed_job
from runner.run.run_display import show_resumed
from runner.run.run_folder import command_files
from runner.sweeps import sweep_session
from runner.sweeps.preparation import check_command
from runner.sweeps.report import report_command
from runner.tracking import list_command, track_command, ui_command

_COMMANDS: dict[str, Callable[[], int]] = {
    "predict": predict_command.main,
    "inspect": inspection.main,
    "report": report_command.main,
    "datasets": datasets_command.main,
    "track": track_command.main,
    "list": list_command.main,
    "ui": ui_command.main,
    "play": play_command.main,
    "lr-find": learning_rate_finder.main,
}
_PACKAGES = ("tensorflow", "keras", "hydra-core", "mlflow")
_failures: list[Exception] = []


def command_line() -> int:
    """Pass a command line on to the command that it begins with; without one, train."""
    first = sys.argv[1] if sys.argv[1:] else ""
    command = main if first == "train" else _COMMANDS.get(first)
    if command:
        del sys.argv[1]
    return (command or main)()


def main() -> int:
    """Show help, or run what the command line describes; return the exit code."""
    return run_command(_run, interrupted=NOTHING_STORED)


@naming_outputs()
def _run(arguments: Sequence[str]) -> bool:
    """Show help, run a sweep, or leave the rest to Hydra, which reads the command line itself."""
    if {"-h", "--help"} & set(arguments):
        show_help(language_of(arguments))
        return True
    if "--version" in arguments:
        packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
        say(f"runner {program_version()} (Python {python_version()}, {packages})")
        return True
    _check_word(arguments)
    if hidden := hidden_files():
        more = f" and {len(hidden) - 1} more" if hidden[1:] else ""
        note(f"note: {hidden[0]}{more} not used: the program has a file of that name; rename yours")
    sys.argv[1:] = arguments = [_quoted(argument) for argument in _with_language(arguments)]
    if (interrupted := resumed_job(arguments)) is not None:
        show_resumed(interrupted)
        run(interrupted)
        return True
    sweep = check_command(arguments)
    if sweep is not None:
        sweep_session.run_sweep(sweep)
        return True
    prepare_hydra()
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra passes errors on and prints no traceback of them
    hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")(_run_composed)()
    if _failures:
        raise _failures.pop()
    return True


def _check_word(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError where the first word is nearly a command."""
    word = next(iter(arguments), "")
    if re.fullmatch(r"[\w-]+", word) and (question := nearest(word, [*_COMMANDS, "train"])):
        raise ConfigurationError(f"{word}: expected a command, or KEY=VALUE{question}")


def _with_language(arguments: Sequence[str]) -> list[str]:
    """Return arguments with `--language pt`, as other commands have it, as a value of the run."""
    text = "\0".join(arguments)
    return re.sub(r"(^|\0)--language[=\0](?=\w)", r"\1language=", text).split("\0")


def _quoted(argument: str) -> str:
    """Put the name of a run, such as cnn1,epochs=3, into the quotes that Hydra wants.

    So is the beginning of an id that looks like a number, such as 4504 or 12e4.
    """
    key, _, name = argument.partition("=")
    number = key in (*NAMING_RUNS, "resume") and re.fullmatch(r"\d+(e\d+)?", name)
    wanted = number or (key in NAMING_RUNS and "=" in name and not {"'", '"'} & set(name))
    return f"{key}='{name}'" if wanted else quote_texts(argument)


def _run_composed(composed: Any) -> None:
    """Run the one job that Hydra composed."""
    folder = Path(HydraConfig.get().runtime.output_dir)
    try:
        command = command_files(OmegaConf.create({"hydra": HydraConfig.get()}))
        run(Job(composition.typed_config(plain(composed)), folder, command=command))
    except Exception as error:  # noqa: BLE001 - Hydra would add a line of its own; see _run
        _failures.append(error)


if __name__ == "__main__":
    sys.exit(command_line())
