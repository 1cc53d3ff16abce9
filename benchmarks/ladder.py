"""Candidates for the ladder of speed: the least training time to an error, on validation images.

python -m benchmarks.ladder --list FOLDER [MARK ...]    the commands of `ladder.yaml`, one a line
python -m benchmarks.ladder FOLDER                      what those that were run have given

Times count where nothing else uses the GPU. The winner becomes `experiment=speedrun-MARK`, which
alone reads the test images.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import yaml  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from runner.base.seed_statistics import describe_seeds

CANDIDATES = Path(__file__).with_suffix(".yaml")
COLUMNS = ("candidate", "error on validation / %", "n", "training / s", "compilation / s", "best")


def main() -> None:
    """List the commands, or show what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="for the runs, or of them")
    parser.add_argument("marks", nargs="*", help="of the list: known, 99, 99.5, 99.6, 99.7")
    parser.add_argument("--list", action="store_true", help="print the commands")
    arguments = parser.parse_args()
    if arguments.list:
        print(*commands(arguments.folder, arguments.marks), sep="\n")
    else:
        show(sorted(measured(arguments.folder), key=lambda row: row["training"]))


def commands(folder: Path, marks: list[str]) -> Iterator[str]:
    """Yield a command for each candidate of some marks, or of all."""
    declared = yaml.safe_load(CANDIDATES.read_text(encoding="utf-8"))
    common = declared.pop("common")
    for mark in marks or declared:
        for name, overrides in declared[mark].items():
            run = f"hydra.run.dir={folder / mark / name}"
            words = [*overrides.split(), *common.split(), run]
            yield shlex.join(["python", "-m", "runner", *words])


def measured(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield error in percent with its statistics, and mean seconds, of each candidate."""
    for run in sorted({path.parent.parent for path in folder.rglob("seed-*/report.json")}):
        reports = [json.loads(path.read_text()) for path in run.glob("seed-*/report.json")]
        yield {
            "name": str(run.relative_to(folder)),
            "error": describe_seeds([100 * report["validation_error"] for report in reports]),
            "training": fmean(report["train_seconds"] for report in reports),
            "compilation": reports[0]["compile_seconds"],
        }


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table, fastest first, that names those which no faster one is better than."""
    table = Table()
    for column in COLUMNS:
        table.add_column(column, no_wrap=column == COLUMNS[0])
    least = float("inf")
    for row in rows:
        error = row["error"]
        best = error["mean"] < least
        least = min(least, error["mean"])
        said = f"{error['mean']:.3f} ± {error.get('sd', 0):.3f}"
        times = (f"{row['training']:.3f}", f"{row['compilation']:.1f}")
        table.add_row(row["name"], said, str(error["n"]), *times, "yes" if best else "")
    Console().print(table)


if __name__ == "__main__":
    main()
