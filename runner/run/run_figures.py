"""The figures and tables that a run writes into its folder."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from runner.base import console
from runner.base.atomic_files import write_text
from runner.base.errors import full_disk
from runner.base.stored_files import DIGESTS, write_digests
from runner.config.component import Component
from runner.config.run_config import CONF, Config
from runner.datasets.splits import Dataset
from runner.evaluation.baselines import baseline_table
from runner.figures.baseline_errors import draw_baselines
from runner.figures.drawing_pool import DrawingPool, drawn_here, worker_count
from runner.figures.figure_declarations import (
    applies_to,
    needs_network,
    purpose,
    shows_all_seeds,
)
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import FinishedRun, LabelRun, RegressionRun, finished_run
from runner.figures.seed_errors import draw_seeds
from runner.run.result import Result, write_json

_OTHER_KINDS = {
    RegressionRun: "made for classes, not for numbers",
    LabelRun: "made for one class each or numbers, not for several labels",
    FinishedRun: "made for numbers or several labels, not for one class each",
}


@dataclass(frozen=True)
class Figures:
    """The figures of one seed, which are being drawn.

    Attributes:
        files: of each figure by its name, once they are written.
        shown: whether texts among them appear on the terminal.
        reasons: why figures are not drawn, by name; of these, if nothing comes of them.
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
    return next(reason for kind, reason in _OTHER_KINDS.items() if isinstance(run, kind))


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


def save_baselines(config: Config, reports: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Write table and figure of the baselines, if any, and return the files.

    Args:
        config: of the run.
        reports: `report.json` of each seed.
        folder: for the files.
    """
    if not config.baselines:
        return []
    texts = {
        "baselines.md": baseline_table.baseline_markdown(reports),
        "baselines.csv": baseline_table.baseline_csv(reports),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    figure = draw_baselines(reports, config.language)
    drawn = save_figure(figure, folder / "baselines", config.figure_format)
    return [*(folder / name for name in texts), *drawn]


def save_summary(
    config: Config,
    summary: dict[str, Any],
    reports: list[dict[str, Any]],
    folder: Path,
    pool: DrawingPool,
) -> list[Path]:
    """Write what several seeds gave, in numbers and figures, and return all files of that.

    Digests of the numbers are noted beside them.

    Args:
        config: of the run.
        summary: statistics over the seeds.
        reports: `report.json` of each seed.
        folder: of the run.
        pool: draws.
    """
    (folder / DIGESTS).unlink(missing_ok=True)  # of an earlier attempt
    write_json(folder / "report.json", {"summary": summary, "seeds": reports})
    draw = partial(draw_seeds, reports, config.language)
    drawn = pool.draw(draw, folder / "seeds", config.figure_format).result()
    tables = save_baselines(config, reports, folder)
    write_digests(folder)
    return [folder / "report.json", *drawn, *tables, *sorted((folder / "figures").glob("*"))]


def drawing_pool(config: Config) -> DrawingPool:
    """Return processes for the figures of a run, none where all of these need the network."""
    alone = sum(not needs_network(figure) for figure in config.figures.values())
    return DrawingPool(worker_count(alone * len(config.all_seeds)))
