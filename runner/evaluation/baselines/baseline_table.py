"""The table of a comparison: the network first, then the baselines on its features."""

from __future__ import annotations

import csv
import io
from typing import Any

from runner.base.seed_statistics import describe_seeds

NETWORK = "network"
_ERRORS = {"validation_error": "validation error", "test_error": "test error"}
_COLUMNS = ("train_items", "fit_seconds", "predict_seconds", *_ERRORS, "test_errors")
SeedReports = list[dict[str, Any]]


def baseline_title(numbers: SeedReports) -> str:
    """Return a title that names the features.

    Args:
        numbers: of each seed, as in its `report.json`.
    """
    features, seeds = numbers[0]["features"], len(numbers)
    several = f", mean ± sd of {seeds} seeds" if seeds > 1 else ""
    return f"Baselines on {features['count']:,} features, layer {features['layer']}{several}"


def baseline_rows(numbers: SeedReports) -> list[list[str]]:
    """Return a header and a row for the network and for each baseline; see `title`."""
    kinds = [kind for kind in _ERRORS if all(kind in seed for seed in numbers)]
    table = [["", *(_ERRORS[kind] for kind in kinds), "fitted on", "fit", "predict"]]
    for name, own in by_baseline(numbers).items():
        fitted = distinct_fits(own)
        seconds = (_mean(fitted, kind) for kind in ("fit_seconds", "predict_seconds"))
        errors = (error_text(fitted, kind) for kind in kinds)
        table.append([name, *errors, _items(own[0]), *seconds])
    return table


def by_baseline(numbers: SeedReports) -> dict[str, SeedReports]:
    """Return the numbers of the network and of each baseline, one for each seed."""
    names = numbers[0]["learners"]
    return {NETWORK: [_of_network(seed) for seed in numbers]} | {
        name: [seed["learners"][name] for seed in numbers] for name in names
    }


def distinct_fits(own: SeedReports) -> SeedReports:
    """Return each fit once: what no seed can change was fitted for the first alone."""
    known: SeedReports = []
    for fit in own:
        if fit not in known:
            known.append(fit)
    return known


def error_text(own: SeedReports, kind: str) -> str:
    """Return the mean and sd of an error over fits; without sd where there is one."""
    described = describe_seeds([100 * fit[kind] for fit in own])
    if "sd" in described:
        return f"{described['mean']:.3f} ± {described['sd']:.3f} %"
    return f"{described['mean']:.2f} %"


def baseline_markdown(numbers: SeedReports) -> str:
    """Return the table in Markdown."""
    header, *rest = ([cell or " " for cell in row] for row in baseline_rows(numbers))
    ruler = ["---", *["---:"] * (len(header) - 1)]
    lines = [f"| {' | '.join(row)} |" for row in (header, ruler, *rest)]
    return "\n".join([f"# {baseline_title(numbers)}", "", *lines, ""])


def baseline_csv(numbers: SeedReports) -> str:
    """Return a line for the network and for each baseline of each seed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", "baseline", *_COLUMNS])
    for name, own in by_baseline(numbers).items():
        for seed, one in zip(numbers, own, strict=True):
            writer.writerow([seed["seed"], name, *(one.get(column, "") for column in _COLUMNS)])
    return text.getvalue()


def _of_network(seed: dict[str, Any]) -> dict[str, Any]:
    """Return a network's numbers by the names of a baseline's."""
    images = seed["features"]["images"]
    fitted = {"fit_seconds": seed["train_seconds"]} if seed["epochs"] else {}
    return seed | fitted | {"train_images": images, "train_items": images}


def _items(own: dict[str, Any]) -> str:
    images, versions = own["train_images"], own["train_items"] // own["train_images"]
    return f"{versions} x {images:,}" if versions > 1 else f"{images:,}"


def _mean(own: SeedReports, kind: str) -> str:
    if kind not in own[0]:
        return "-"
    return f"{describe_seeds([seed[kind] for seed in own])['mean']:.1f} s"
