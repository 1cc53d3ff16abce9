"""How far our results are from the lowest error rates that are asked for, row by row."""

import json
from pathlib import Path
from typing import Any

from experiments.measured import average, values
from runner.base.seed_statistics import describe_seeds

RECORDS = Path(__file__).parent / "records.json"
NETWORKS = 10
"""The goals are for the mean of so many."""
HEADER = (
    "| rules | experiment | of | goal | ours | n | reached | published |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
_SINGLE = {"single": "test_error", "with views": "tta_test_error"}
_ENSEMBLE = {"ensemble": "test_error", "ensemble with views": "tta_test_error"}
_HIGHER = {"AUC": "auc", "accuracy at equal error": "equal_error_accuracy"}
"""Kinds that are better the higher they are, and no percentages."""


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the Markdown table of the goals, in percent.

    Args:
        results: files of `experiments/results/`, by name.
    """
    records = json.loads(RECORDS.read_text(encoding="utf-8"))
    return HEADER + "".join(_row(record, results.get(record["experiment"])) for record in records)


def _row(record: dict[str, Any], result: dict[str, Any] | None) -> str:
    mean, said = (None, "not run") if result is None else _measured(result, record["of"])
    higher = record["of"] in _HIGHER
    better = mean is not None and (mean >= record["goal"] if higher else mean <= record["goal"])
    reached = "-" if mean is None else "yes" if better else "no"
    seeds = 0 if result is None else len(result["seeds"])
    if mean is not None and seeds < NETWORKS:
        reached = f"{reached}, so far"
    goal = f"{record['goal']:g}" + ("" if higher else " %")
    return (
        f"| {record['rules']} | {record['experiment']} | {record['of']} | {goal} | {said} "
        f"| {seeds or '-'} | {reached} | {record.get('published', '-')} |\n"
    )


def _measured(result: dict[str, Any], kind: str) -> tuple[float | None, str]:
    """Return what a goal is for, an error rate in percent, and its text."""
    if kind in _HIGHER:
        found = describe_seeds([seed[_HIGHER[kind]] for seed in result["seeds"]])
        return found["mean"], f"{found['mean']:.4f} ± {found.get('sd', 0):.4f}"
    if kind in _ENSEMBLE:
        if "ensemble" not in result:
            return None, "not measured"
        error = 100 * result["ensemble"][_ENSEMBLE[kind]]
        return error, f"{error:.2f} %"
    shown = values(result, _SINGLE[kind])
    return sum(shown) / len(shown), average(result, _SINGLE[kind])
