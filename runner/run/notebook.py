"""Runs from a notebook: `import runner`, then `runner.run` and `runner.load`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from runner.base.errors import ConfigurationError
from runner.base.lazy import keras
from runner.base.stored_files import read_json
from runner.config import composition
from runner.config.command_line import quote_texts
from runner.evaluation.predictions import Predictions
from runner.models.saved_networks import load_network
from runner.run import experiment
from runner.run.closing_table import closing_rows
from runner.run.job import Job
from runner.run.notebook_figures import Figures, figures_in
from runner.run.result import summarize
from runner.tracking.found_run import NETWORK, FoundRun
from runner.tracking.run_finder import OUTPUTS, find_run, run_in_folder


@dataclass(frozen=True, repr=False)
class NotebookRun:
    """A finished run, whose files are read when they are asked for.

    Attributes:
        found: the run and its folder; of several seeds the folder holds one folder each.
        folder: of its files.
    """

    found: FoundRun
    folder: Path

    def __repr__(self) -> str:
        seeds = [run.report for run in self.seeds.values()]
        error = next(closing_rows(seeds, self.report.get("summary") or summarize(seeds)), ())
        return f"<run {': '.join(filter(None, [str(self.folder), ' '.join(error)]))}>"

    @cached_property
    def report(self) -> dict[str, Any]:
        """The content of `report.json`: errors as fractions, times in seconds."""
        return self.found.report()

    @cached_property
    def seeds(self) -> dict[int, NotebookRun]:
        """The run of each seed; the run itself if it has a single seed."""
        return {seed: _opened(found) for seed, found in self.found.seeds().items()}

    @cached_property
    def network(self) -> keras.Model:
        """The trained network, of the first seed; takes raw pixels 0..255."""
        return load_network(self._first / NETWORK)

    @cached_property
    def history(self) -> dict[str, list[float]]:
        """Values per epoch, of the first seed."""
        history: dict[str, list[float]] = read_json(self._first / "history.json")
        return history

    @cached_property
    def predictions(self) -> dict[str, Predictions | None]:
        """Stored predictions of each split, of the first seed; None for missing ones."""
        return next(iter(self.found.seeds().values())).predictions()

    @cached_property
    def figures(self) -> Figures:
        """Figures by name, of the first seed; a notebook shows them inline."""
        return figures_in(self._first / "figures")

    @property
    def _first(self) -> Path:
        return next(iter(self.seeds.values())).folder


def run(overrides: Sequence[str]) -> NotebookRun:
    """Train and evaluate what `python -m runner` does with the same words, in this process.

    Args:
        overrides: KEY=VALUE each, such as `["model=lenet", "dataset=fashion"]`; `~KEY` leaves
            something out.

    Raises:
        RunnerError: with the one line that the command line shows.
    """
    if isinstance(overrides, str):
        listed = ", ".join(f'"{word}"' for word in overrides.split())
        raise ConfigurationError(f"{overrides}: expected a list, as in runner.run([{listed}])")
    if wrong := [word for word in overrides if word.lstrip("+").startswith(("-", "sweep="))]:
        needed = "expected KEY=VALUE of one run; options and sweeps belong on the command line"
        raise ConfigurationError(f"{wrong[0]}: {needed}")
    now, words = datetime.now().astimezone(), [quote_texts(word) for word in overrides]
    name = composition.compose_job(words).tracking.run_name
    folder = OUTPUTS / f"{now:%Y-%m-%d}" / f"{now:%H-%M-%S-%f}-{name}"
    config = composition.typed_config(composition.compose_plain(words, folder))
    experiment.run(Job(config, folder))
    return _opened(run_in_folder(folder))


def load(word: str = "latest", uri: str | None = None) -> NotebookRun:
    """Return a finished run.

    Args:
        word: `latest`, or name, id or folder of the run; see `runner.tracking.run_finder.find_run`.
        uri: of the store; None means the stores in `outputs/`.

    Raises:
        ConfigurationError: no run matches, or its files are not on this machine.
    """
    return _opened(find_run(word, uri))


def _opened(found: FoundRun) -> NotebookRun:
    if found.folder is None:
        raise ConfigurationError(f"{found.name}: its folder is not on this machine; name another")
    return NotebookRun(found, found.folder)
