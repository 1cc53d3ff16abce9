"""The table of a sweep: a row for each job, with its values, errors and status."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from runner.base.objective import ERROR, SPLITS, Objective, objective_of
from runner.base.text_table import markdown_table
from runner.config.naming import short_key
from runner.sweeps.jobs import BEST
from runner.tracking.run_store import StoredRun


@dataclass(frozen=True)
class JobRow:
    """One job, at its latest attempt.

    Attributes:
        job: its name.
        status: finished, failed, pruned, killed or running.
        choices: values that vary in the sweep, as KEY: VALUE.
        seeds: number of trainings.
        means: displayed mean of the objective over seeds, on `validation` and `test` data if any.
        sds: displayed standard deviation of the same, with several seeds.
        seconds: of training, mean over seeds.
        error: message on one line, or an empty string.
        run_id: in the store of runs.
    """

    job: str
    status: str
    choices: dict[str, str]
    seeds: int = 0
    means: dict[str, float] = field(default_factory=dict)
    sds: dict[str, float] = field(default_factory=dict)
    seconds: float | None = None
    error: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of finished jobs, best first, then those of other jobs.

    Attributes:
        sweep: its name.
        rows: one for each job.
        by_test: whether rows are sorted by test data, for lack of validation data.
        objective: that jobs are compared by.
    """

    sweep: str
    rows: list[JobRow]
    by_test: bool
    objective: Objective = ERROR

    @property
    def varied(self) -> list[str]:
        """Keys whose values differ between rows."""
        keys = dict.fromkeys(key for row in self.rows for key in row.choices)
        return [k for k in keys if len({row.choices.get(k) for row in self.rows}) > 1]

    @property
    def finished(self) -> list[JobRow]:
        """Rows of finished jobs."""
        return [row for row in self.rows if row.status == "finished"]

    @property
    def failures(self) -> list[str]:
        """A line for each job that failed or was killed, with its message."""
        return [f"{row.job} {row.status}: {row.error}" for row in self.rows if row.error]

    @property
    def note(self) -> str:
        """A sentence on how the rows are sorted."""
        if self.by_test:
            return (
                f"Sorted by test {self.objective.title}, since no validation images were split "
                "off: fit to look at, not to choose by. Set dataset.validation_fraction to choose."
            )
        title = self.objective.title
        return f"Sorted by mean validation {title}; the test {title} is only shown."

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        kinds = [f"{kind} {self.objective.label}" for kind in self._kinds]
        shown = [short_key(key, self.varied) for key in self.varied] or ["job"]
        return [*shown, "seeds", *kinds, "training / s", "status"]

    def chosen(self, row: JobRow) -> list[tuple[str, str]]:
        """Return the short names of the options that vary, with a row's values."""
        return [(short_key(key, self.varied), row.choices.get(key, "")) for key in self.varied]

    def cells(self, row: JobRow) -> list[str]:
        """Return the cells of a row, for people."""
        chosen = [row.choices.get(key, "") for key in self.varied] or [row.job]
        seconds = "" if row.seconds is None else f"{row.seconds:.2f}"
        errors = [self._mean_and_sd(row, kind) for kind in self._kinds]
        status = f"{row.status}, on all training images" if row.job == BEST else row.status
        return [*chosen, str(row.seeds or ""), *errors, seconds, status]

    def markdown(self) -> str:
        """Return the table as Markdown."""
        counts = ", ".join(f"{n} {status}" for status, n in self.counts().items())
        table = markdown_table(self.header, map(self.cells, self.rows), align="left")
        text = "\n".join([table, "", *(f"- {line}" for line in self.failures)]).rstrip()
        return f"# Sweep {self.sweep}\n\n{counts}. {self.note}\n\n{text}\n"

    def csv(self) -> str:
        """Return the table as CSV, with a column for each statistic."""
        columns = [
            f"{self.objective.metric_name(kind)}_{of}" for kind in SPLITS for of in ("mean", "sd")
        ]
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["job", *self.varied, "seeds", *columns, "train_seconds", "status", "error", "run_id"]
        )
        for row in self.rows:
            chosen = [row.choices.get(key, "") for key in self.varied]
            errors = [of.get(kind) for kind in SPLITS for of in (row.means, row.sds)]
            ending = [row.seconds, row.status, row.error, row.run_id]
            writer.writerow([row.job, *chosen, row.seeds, *errors, *ending])
        return file.getvalue()

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each status."""
        statuses = [row.status for row in self.rows]
        return {status: statuses.count(status) for status in dict.fromkeys(statuses)}

    @property
    def _kinds(self) -> list[str]:
        return [kind for kind in SPLITS if any(kind in row.means for row in self.rows)]

    def _mean_and_sd(self, row: JobRow, kind: str) -> str:
        values = [of[kind] for of in (row.means, row.sds) if kind in of]
        return " ± ".join(format(value, self.objective.mean_format) for value in values)


def tabulate(sweep: str, runs: Iterable[StoredRun]) -> Table:
    """Make the table of a sweep from its runs, ordered by start."""
    latest = {run.tags["job"]: run for run in runs if run.level == "job"}
    objective = objective_of(name for run in latest.values() for name in run.metrics)
    rows = [_row(run, objective) for run in latest.values()]
    by_test = not any("validation" in row.means for row in rows)
    kind = "test" if by_test else "validation"
    rows.sort(key=lambda row: row.means.get(kind, float("inf")))
    rows.sort(key=lambda row: row.status != "finished")
    return Table(sweep, rows, by_test and any(row.means for row in rows), objective)


def _row(run: StoredRun, objective: Objective) -> JobRow:
    finished = run.status == "FINISHED"
    metrics = run.metrics if finished else {}
    status = "pruned" if run.tags.get("pruned") else run.status.lower()

    def statistic_of(name: str, statistic: str) -> float | None:
        single = metrics.get(name) if statistic == "mean" else None
        return metrics.get(f"{name}.{statistic}", single)

    def displayed(statistic: str) -> dict[str, float]:
        found = {kind: statistic_of(objective.metric_name(kind), statistic) for kind in SPLITS}
        return {kind: objective.scale * value for kind, value in found.items() if value is not None}

    return JobRow(
        job=run.tags["job"],
        status=status,
        choices=run.choices,
        seeds=int(metrics.get("seeds", metrics.get("train_seconds.n", 1))) if finished else 0,
        means=displayed("mean"),
        sds=displayed("sd"),
        seconds=statistic_of("train_seconds", "mean"),
        error="" if finished else run.tags.get("error", ""),
        run_id=run.run_id,
    )
