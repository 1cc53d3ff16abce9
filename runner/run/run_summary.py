"""The files of a run as a whole: what its seeds gave, and what baselines did on the same images."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from runner.base.atomic_files import write_text
from runner.base.stored_files import DIGESTS, write_digests
from runner.config.run_config import Config
from runner.evaluation.baselines import baseline_table
from runner.figures.baseline_errors import draw_baselines
from runner.figures.drawing_pool import DrawingPool
from runner.figures.figure_files import save_figure
from runner.figures.seed_errors import draw_seeds
from runner.run.result import write_json


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
