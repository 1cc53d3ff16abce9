"""The table of a comparison: the network first, then the baselines on its features."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from runner.base.seed_statistics import describe_seeds
from runner.base.text_table import markdown_table

NETWORK = "network"
BEFORE = " and, before, "
"""Between data that a network was trained on, the last first."""
_ERRORS = {"validation_error": "validation error", "test_error": "test error"}
_COLUMNS = ("train_items", "fit_seconds", "predict_seconds", *_ERRORS, "test_errors")
SeedReports = list[dict[str, Any]]
"""`report.json` of each seed, or the part of it that concerns one baseline."""


def baseline_title(reports: SeedReports, translate: Callable[[str], str] = str) -> str:
    """Return the title of the table: features, what their network was trained on, and seeds.

    Args:
        reports: `report.json` of each seed.
        translate: puts the words into a language; names of layers and data stay.
    """
    features, seeds = reports[0]["features"], len(reports)
    title = translate(f"Baselines on {features_text(features['count'])}")
    title += f", {translate('layer')} {features['layer']}"
    if seeds > 1:
        title += f", {translate(f'mean ± sd of {seeds} seeds')}"
    if trained_on := features.get("network_trained_on"):  # earlier versions did not note it
        data = (_data(part, translate) for part in trained_on.split(BEFORE))
        joined = f" {translate(BEFORE.strip())} ".join(data)
        title += f"; {translate('the network was trained on')} {joined}"
    return title


def _data(text: str, translate: Callable[[str], str]) -> str:
    """Translate how many of what, and leave the name of the data set: `300 images of mnist`."""
    amount, of, name = text.partition(" of ")
    return f"{translate(f'{amount} of')} {name}" if of else translate(text)


def features_text(count: int) -> str:
    """Return a number of features in words."""
    return f"{count:,} feature{'s' if count > 1 else ''}"


def baseline_rows(reports: SeedReports) -> list[list[str]]:
    """Return the header, then a row for the network and for each baseline; see `baseline_title`."""
    kinds = [kind for kind in _ERRORS if all(kind in seed for seed in reports)]
    table = [["", *(_ERRORS[kind] for kind in kinds), "fitted on", "fit", "predict"]]
    for name, fits in by_baseline(reports).items():
        distinct = distinct_fits(fits)
        seconds = (_mean(distinct, kind) for kind in ("fit_seconds", "predict_seconds"))
        errors = (error_text(distinct, kind) for kind in kinds)
        table.append([name, *errors, _items(fits[0]), *seconds])
    return table


def by_baseline(reports: SeedReports) -> dict[str, SeedReports]:
    """Return the metrics of the network and of each baseline, one dict for each seed."""
    names = reports[0]["learners"]
    return {NETWORK: [_of_network(seed) for seed in reports]} | {
        name: [seed["learners"][name] for seed in reports] for name in names
    }


def distinct_fits(fits: SeedReports) -> SeedReports:
    """Return the distinct fits; a deterministic baseline has the same fit for all seeds."""
    distinct: SeedReports = []
    for fit in fits:
        if fit not in distinct:
            distinct.append(fit)
    return distinct


def error_text(fits: SeedReports, kind: str) -> str:
    """Format mean and sd of an error over fits; the error alone for a single fit."""
    described = describe_seeds([100 * fit[kind] for fit in fits])
    if "sd" in described:
        return f"{described['mean']:.3f} ± {described['sd']:.3f} %"
    return f"{described['mean']:.2f} %"


def baseline_markdown(reports: SeedReports) -> str:
    """Return title and table as Markdown."""
    header, *rows = baseline_rows(reports)
    return f"# {baseline_title(reports)}\n\n{markdown_table(header, rows)}\n"


def baseline_csv(reports: SeedReports) -> str:
    """Return CSV: a line for the network and for each baseline, of each seed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["seed", "baseline", *_COLUMNS])
    for name, fits in by_baseline(reports).items():
        for seed, one in zip(reports, fits, strict=True):
            writer.writerow([seed["seed"], name, *(one.get(column, "") for column in _COLUMNS)])
    return text.getvalue()


def _of_network(seed: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics of a network under the names of those of a baseline."""
    images = seed["features"]["images"]
    if not seed["epochs"]:
        return seed
    fitted = {"fit_seconds": seed["train_seconds"]}
    return seed | fitted | {"train_images": images, "train_items": images}


def _items(fit: dict[str, Any]) -> str:
    if "train_images" not in fit:
        return "-"
    images, versions = fit["train_images"], fit["train_items"] // fit["train_images"]
    return f"{versions} x {images:,}" if versions > 1 else f"{images:,}"


def _mean(fits: SeedReports, kind: str) -> str:
    if kind not in fits[0]:
        return "-"
    return f"{describe_seeds([seed[kind] for seed in fits])['mean']:.1f} s"
