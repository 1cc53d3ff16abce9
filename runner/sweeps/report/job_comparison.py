"""The jobs of a sweep against its best one, corrected for their number."""

from __future__ import annotations

from runner.base.console import say_sentence, show_table
from runner.base.errors import ConfigurationError
from runner.base.option_types import Language
from runner.sweeps.report.comparison import RunComparison, compare, kinds_of
from runner.sweeps.report.comparison_language import language_in, translated
from runner.sweeps.report.power import LEVEL, holm
from runner.sweeps.report.sweep_report import table_of_sweep
from runner.sweeps.report.sweep_table import JobRow, Table
from runner.tracking.found_run import FoundRun
from runner.tracking.run_store import RunStore, StoredRun
from runner.tracking.sweep_records import runs_of_sweep

_FEWEST = 2


def compare_jobs(store: RunStore, sweep: StoredRun, kind: str, language: Language | None) -> None:
    """Print how each finished job of a sweep differs from the best one.

    The best is chosen as the sweep's table is sorted: by validation data if there are any.

    Args:
        store: of its runs.
        sweep: the sweep's own run.
        kind: of images that they are compared by: test or validation.
        language: of what is printed; None is that of the best job.

    Raises:
        ConfigurationError: fewer than two finished jobs have several seeds and such errors.
    """
    table = table_of_sweep(store, sweep.tags["sweep"])
    runs = {run.run_id: run for run in runs_of_sweep(store, table.sweep)}
    errors = {row.job: _errors(store, runs[row.run_id], kind) for row in table.finished}
    rows = [row for row in table.finished if len(errors[row.job]) >= _FEWEST]
    if len(rows) < _FEWEST:
        raise ConfigurationError(
            f"{table.sweep}: expected two finished jobs or more that have a {kind} "
            f"{table.objective.title} of several seeds, got {len(rows)}; run the sweep with "
            "seeds=5, and see --error"
        )
    best, *others = rows
    found = [compare(errors[best.job], errors[row.job], kind, table.objective) for row in others]
    corrected = holm([each.p for each in found])
    cells = [_cells(table, *each) for each in zip(others, found, corrected, strict=True)]
    language = language or language_in(runs[best.run_id].folder)
    columns = [translated(name, language) for name in _COLUMNS]
    header = [*table.header[: len(table.varied) or 1], *columns]
    of_best = [*_chosen(table, best), _mean(found[0], best=True), "", "", "", ""]
    chosen = len(header) - len(columns)  # as the command line has it
    show_table(
        header,
        [
            row[:chosen] + [translated(cell, language) for cell in row[chosen:]]
            for row in [of_best, *cells]
        ],
        whole=0,
    )
    worse = sum(p < LEVEL and each.difference > 0 for p, each in zip(corrected, found, strict=True))
    say_sentence(translated(_reading(table, kind, worse, len(others)), language))


_COLUMNS = ["mean ± sd", "difference", "95 % interval", "p", "p (Holm)"]


def _errors(store: RunStore, run: StoredRun, kind: str) -> dict[int, float]:
    """Return the displayed error of each seed of a job; none where there are no such errors."""
    kinds, _ = kinds_of(FoundRun(run.name, run.folder, run, store).report())
    return kinds.get(kind, {})


def _cells(table: Table, row: JobRow, found: RunComparison, corrected: float) -> list[str]:
    form = f"+{table.objective.mean_format}"
    ends = " .. ".join(format(end, form) for end in (found.low, found.high))
    numbers = [format(found.difference, form), ends, f"{found.p:.2g}", f"{corrected:.2g}"]
    return [*_chosen(table, row), _mean(found), *numbers]


def _chosen(table: Table, row: JobRow) -> list[str]:
    return [row.choices.get(key, "") for key in table.varied] or [row.job]


def _mean(found: RunComparison, *, best: bool = False) -> str:
    described, form = found.a if best else found.b, found.objective.mean_format
    return " ± ".join(format(described[of], form) for of in ("mean", "sd"))


def _reading(table: Table, kind: str, worse: int, others: int) -> str:
    sorted_by = "test" if table.by_test else "validation"
    caution = (
        "; the best was chosen by the same numbers, which flatters it" if sorted_by == kind else ""
    )
    return (
        f"{worse} of {others} others are worse than the best by {sorted_by} "
        f"{table.objective.title}, on {kind} data, with p corrected for {others} comparisons "
        f"(Holm) below {LEVEL:g}{caution}."
    )
