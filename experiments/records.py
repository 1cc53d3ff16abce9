"""How far our results are from the lowest error rates that are asked for, row by row."""

import json
from pathlib import Path
from typing import Any

from experiments.measured import average, values

RECORDS = Path(__file__).parent / "records.json"
NETWORKS = 10
"""The goals are for the mean of so many."""
HEADER = (
    "| rules | experiment | of | goal | ours | n | reached | published |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
_SINGLE = {"single": "test_error", "with views": "tta_test_error"}
_ENSEMBLE = {"ensemble": "test_error", "ensemble with views": "tta_test_error"}


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the Markdown table of the goals, in percent.

    Args:
        results: files of `experiments/results/`, by name.
    """
    records = json.loads(RECORDS.read_text(encoding="utf-8"))
    return HEADER + "".join(_row(record, results.get(record["experiment"])) for record in records)


def _row(record: dict[str, Any], result: dict[str, Any] | None) -> str:
    mean, said = (None, "not run") if result is None else _measured(result, record["of"])
    reached = "-" if mean is None else "yes" if mean <= record["goal"] else "no"
    seeds = 0 if result is None else len(result["seeds"])
    if 0 < seeds < NETWORKS:
        reached = f"{reached}, so far"
    return (
        f"| {record['rules']} | {record['experiment']} | {record['of']} | {record['goal']:g} % | "
        f"{said} | {seeds or '-'} | {reached} | {record.get('published', '-')} |\n"
    )


def _measured(result: dict[str, Any], kind: str) -> tuple[float, str]:
    """Return an error rate of the networks or of their ensemble, in percent, and its text."""
    if kind in _ENSEMBLE:
        error = 100 * result["ensemble"][_ENSEMBLE[kind]]
        return error, f"{error:.2f} %"
    shown = values(result, _SINGLE[kind])
    return sum(shown) / len(shown), average(result, _SINGLE[kind])
