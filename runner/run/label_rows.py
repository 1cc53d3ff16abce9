"""The rows of several labels in the table that a run prints at its end."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean
from typing import Any

from runner.base.option_types import Items

_METRICS = ("precision", "recall", "f1")
_FEW = 10
"""Largest number of labels that have a row each."""


def exact_row(split: str, summary: dict[str, Any], items: Items) -> Iterator[tuple[str, str]]:
    """Yield the share of images or rows with all labels right, if there are labels."""
    spread = summary.get(f"{split}_exact_match")
    if spread is not None:
        sd = f" ± {100 * spread['sd']:.2f}" if "sd" in spread else ""
        yield f"  {items} with all labels right", f"{100 * spread['mean']:.2f}{sd} %"


def label_rows(reports: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield precision, recall and F1, averaged over seeds: their averages, then those of labels.

    Of more than ten labels only the one with the lowest F1 is shown.

    Args:
        reports: `report.json` of each seed.
    """
    if any("labels" not in report for report in reports):
        return
    for kind in ("macro", "micro"):
        averages = [report[kind] for report in reports]
        yield f"precision, recall, F1: {kind}", _joined(averages)
    labels = {name: [one["labels"][name] for one in reports] for name in reports[0]["labels"]}
    if len(labels) > _FEW:
        worst = min(labels, key=lambda name: fmean(one["f1"] for one in labels[name]))
        yield f"  lowest F1: {worst}", _with_error(labels[worst])
    else:
        yield from ((f"  {name}", _with_error(seeds)) for name, seeds in labels.items())


def _joined(seeds: list[dict[str, float]]) -> str:
    return "  ".join(f"{fmean(one[metric] for one in seeds):.3f}" for metric in _METRICS)


def _with_error(seeds: list[dict[str, float]]) -> str:
    return f"{_joined(seeds)}  ({100 * fmean(one['error'] for one in seeds):.2f} % wrong)"
