"""The figures and tables that a run writes into its folder."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from omegaconf import OmegaConf

from runner.base import console
from runner.base.errors import full_disk
from runner.config.component import Component
from runner.config.run_config import CONF, Config
from runner.datasets.splits import Dataset
from runner.figures.drawing_pool import DrawingPool, drawn_here, worker_count
from runner.figures.figure_declarations import (
    OTHER_KINDS,
    applies_to,
    needs_network,
    purpose,
    shows_all_seeds,
)
from runner.figures.finished_run import FinishedRun, finished_run
from runner.run.result import Result


@dataclass(frozen=True)
class Figures:
    """The figures of one seed, which are being drawn.

    Attributes:
        files: of each figure by its name, once they are written.
        shown: whether texts among them appear on the terminal.
        reasons: why a figure does not apply, or, of those that are drawn, what it shows: the
            reason where no file comes of it; by name.
    """

    files: dict[str, Future[list[Path]]]
    shown: bool
    reasons: dict[str, str]

    @property
    def are_drawn(self) -> bool:
        """Whether nothing has to be waited for."""
        return all(future.done() for future in self.files.values())

    def failed(self) -> dict[str, Exception]:
        """Wait for the figures; return the errors of those that failed, by name.

        A full disk raises: what else would be written fails too.
        """
        errors = {name: future.exception() for name, future in self.files.items()}
        for error in errors.values():
            if error is not None and full_disk(error):
                raise error
        return {name: error for name, error in errors.items() if isinstance(error, Exception)}

    def not_drawn(self) -> dict[str, str]:
        """Wait for the figures; return why some were not drawn, by name."""
        settled = {*self.failed(), *self.names()}
        return {name: reason for name, reason in self.reasons.items() if name not in settled}

    def names(self) -> list[str]:
        """Wait for the figures; return the names of those that were drawn."""
        failed, files = self.failed(), self.files.items()
        return [name for name, future in files if name not in failed and future.result()]

    def show_texts(self) -> None:
        """Wait for the figures; print those that are texts."""
        for path in (path for name in self.names() for path in self.files[name].result()):
            if path.suffix == ".txt" and self.shown:
                console.show_text(path)


def begin_figures(
    config: Config,
    result: Result,
    data: Dataset,
    folder: Path,
    environment: dict[str, str],
    *,
    pool: DrawingPool,
    last: bool,
) -> Figures:
    """Draw the configured figures of one seed: here, or in processes that need no network.

    Those of all seeds are drawn with the last one, into the folder of the run.
    """
    run = _finished(config, result, data, folder, environment)
    only, configured = len(config.all_seeds) == 1, config.figures.items()
    not_drawn = [name for name, figure in configured if not applies_to(figure, run)]
    later = [] if last else [name for name, figure in configured if shows_all_seeds(figure)]
    drawn = {name: one for name, one in configured if name not in not_drawn + later}
    here = {name for name, figure in drawn.items() if needs_network(figure)}
    alone = replace(run, model=None, train=None, augmentation={})
    files: dict[str, Future[list[Path]]] = {}
    for name in sorted(drawn, key=here.__contains__):  # those of the processes first
        draw, shown = (drawn_here, run) if name in here else (pool.draw, alone)
        path = _within(folder, drawn[name], only) / name
        files[name] = draw(partial(drawn[name], shown), path, config.figure_format)
    in_order, other_kind = {name: files[name] for name in drawn}, _reason(config, run)
    reasons = {name: purpose(figure) for name, figure in drawn.items()}
    return Figures(in_order, only, dict.fromkeys(not_drawn, other_kind) | reasons)


def _reason(config: Config, run: FinishedRun) -> str:
    """Return why figures do not apply to a run, whose kind they are not made for."""
    if not config.evaluation.test:
        return "evaluation.test=false"
    return next(reason for kind, reason in OTHER_KINDS.items() if isinstance(run, kind))


def _finished(
    config: Config, result: Result, data: Dataset, folder: Path, environment: dict[str, str]
) -> FinishedRun:
    return finished_run(
        data,
        result.report.predicted if result.report is not None else None,
        model=result.training.model,
        history=result.training.history,
        language=config.language,
        train=data.train,
        folder=folder,
        augmentation=config.augmentation,
        environment=environment,
        threshold=config.evaluation.threshold,
    )


def _within(folder: Path, figure: Component, only: bool) -> Path:
    """Return the folder for a figure: that of the seed, or of the run for all of its seeds."""
    of_run = shows_all_seeds(figure) and not only
    return (folder.parent if of_run else folder) / "figures"


def are_named(figures: Iterable[str]) -> bool:
    """Return whether figures are others than those that runs draw unless others are chosen."""
    main = OmegaConf.load(CONF / "config.yaml")
    usual = next(list(entry.figures) for entry in main.defaults if "figures" in entry)
    return list(figures) != usual


def drawing_pool(config: Config) -> DrawingPool:
    """Return processes for the figures of a run, none where all of these need the network."""
    alone = sum(not needs_network(figure) for figure in config.figures.values())
    return DrawingPool(worker_count(alone * len(config.all_seeds)))
