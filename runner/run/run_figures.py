"""The figures and tables that a run writes into its folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from runner.base import console
from runner.base.atomic_files import write_text
from runner.config.run_config import CONF, Config
from runner.datasets.splits import Dataset
from runner.evaluation.baselines import baseline_table
from runner.figures.baseline_errors import draw_baselines
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import applies_to, finished_run
from runner.run import run_display
from runner.run.result import Result


def draw_figures(
    config: Config,
    result: Result,
    data: Dataset,
    folder: Path,
    environment: dict[str, str],
) -> list[str]:
    """Draw the configured figures of one seed, and return the names of those that apply.

    For the first seed it is said which do not, where they are not those of every run.
    """
    run = finished_run(
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
    first, only = result.seed == config.all_seeds[0], len(config.all_seeds) == 1
    not_drawn = [name for name, figure in config.figures.items() if not applies_to(figure, run)]
    chosen = list(config.figures) != _default_figures()
    if not_drawn and first and chosen:
        run_display.show_not_drawn(not_drawn, config.evaluation.test)
    drawn = {
        name: save_figure(figure(run), folder / "figures" / name, config.figure_format)
        for name, figure in config.figures.items()
        if name not in not_drawn
    }
    for path in (path for paths in drawn.values() for path in paths):
        if path.suffix == ".txt" and only:
            console.show_text(path)
    return [name for name, paths in drawn.items() if paths]


@cache
def _default_figures() -> list[str]:
    """Return the names of the figures that runs draw unless others are chosen."""
    main = OmegaConf.load(CONF / "config.yaml")
    return next(list(entry.figures) for entry in main.defaults if "figures" in entry)


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


def import_drawing() -> None:
    """Import Matplotlib's backend early: while XLA compiles, Python is idle."""
    import_module("matplotlib.backends.backend_agg")
