"""The report of a sweep: a table as Markdown and CSV, and figures, from the store of runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runner.base.atomic_files import write_text
from runner.base.option_types import Language
from runner.figures.figure_files import save_figure
from runner.sweeps.report.sweep_figures import draw
from runner.sweeps.report.sweep_page import write_sweep_page
from runner.sweeps.report.sweep_table import Table, tabulate
from runner.sweeps.sweep_display import show_sweep_table
from runner.tracking.run_store import RunStore
from runner.tracking.sweep_records import runs_of_sweep, sweeps

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def table_of_sweep(store: RunStore, sweep: str) -> Table:
    """Return the current table of a sweep."""
    return tabulate(sweep, runs_of_sweep(store, sweep))


def write_report(
    store: RunStore,
    sweep: str,
    folder: Path,
    drawn: dict[str, Figure],
    language: Language,
) -> list[Path]:
    """Print the table of a sweep, and write it, its figures and a page with both.

    Args:
        store: of its runs.
        sweep: its name.
        folder: for `report.md`, `report.csv`, `report.html` and the figures.
        drawn: further figures, by name.
        language: of what is printed, of the page and the figures; tables in files are English.

    Returns:
        the files that were written.
    """
    table = table_of_sweep(store, sweep)
    show_sweep_table(table, language)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"report.md": table.markdown(), "report.csv": table.csv()}
    for name, text in texts.items():
        write_text(folder / name, text)
    written = [folder / name for name in texts]
    figures = [
        path
        for name, figure in (draw(table, language) | drawn).items()
        for path in save_figure(figure, folder / name)
    ]
    command = next((run.tags["command"] for run in sweeps(store) if run.tags["sweep"] == sweep), "")
    page = write_sweep_page(table, command, folder, figures, language)
    return [*written, *figures, page]
