"""The rows of metrics in the table that a run prints at its end."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean
from typing import Any

from runner.base.objective import ERROR, SPLITS, Objective, objective_of
from runner.base.option_types import Items
from runner.run.label_rows import exact_row, label_rows

_FEW = 3
"""Largest number of classes that have a row each."""

_TTA = "with test-time augmentation"
_CLASS_METRICS = ("precision", "recall", "f1")

ClosingRow = tuple[str, str]
"""Name and formatted value."""


def closing_rows(
    reports: list[dict[str, Any]], summary: dict[str, Any], items: Items = "images"
) -> Iterator[ClosingRow]:
    """Yield the metrics of a training, or of several seeds with mean and sd.

    Args:
        reports: `report.json` of each seed.
        summary: of the reports; see `runner.run.result.summarize`.
        items: what the examples are called.
    """
    ensemble, objective = summary.get("ensemble", {}), objective_of(summary)
    for split in reversed(SPLITS):
        if objective.metric_name(split) in summary:
            yield from _error_rows(split, objective, reports[-1], summary)
            yield from exact_row(split, summary, items)
            yield from _ensemble_rows(split, ensemble)
            yield from _loss_row(f"{split} loss", f"{split}_loss", summary)
    yield from _fitted_rows(objective, reports[-1], summary)
    yield from _binary_rows(summary)
    yield from class_rows(reports)
    yield from label_rows(reports)


def error_text(metrics: dict[str, Any]) -> str:
    """Format the error of a network: on test images, or else on validation images."""
    objective = objective_of(metrics)
    if objective.metric_name("test") in metrics:
        return _value(metrics, "test", objective)
    return f"{objective.text(metrics[objective.metric_name('validation')])} (validation)"


def class_rows(reports: list[dict[str, Any]]) -> Iterator[ClosingRow]:
    """Yield precision, recall and F1, averaged over seeds: their means, then those of each class.

    Means weighted by the images of each class are shown where they differ.

    Of more than three classes only the one with the lowest F1 is shown.

    Args:
        reports: `report.json` of each seed.
    """
    if any("classes" not in report for report in reports):
        return
    classes = {
        name: [_mean(reports, "classes", name, metric) for metric in _CLASS_METRICS]
        for name in reports[0]["classes"]
    }
    means = [_mean(reports, "macro", metric) for metric in _CLASS_METRICS]
    yield "precision, recall, F1: mean", _joined(means)
    if all("weighted" in report for report in reports):
        weighted = _joined([_mean(reports, "weighted", metric) for metric in _CLASS_METRICS])
        if weighted != _joined(means):  # else the classes have as many images each
            yield "precision, recall, F1: weighted", weighted
    if len(classes) <= _FEW:
        yield from ((f"  {name}", _joined(values)) for name, values in classes.items())
    else:
        worst = min(classes, key=lambda name: classes[name][-1])
        yield f"  lowest F1: {worst}", _joined(classes[worst])


def _error_rows(
    split: str, objective: Objective, last: dict[str, Any], summary: dict[str, Any]
) -> Iterator[ClosingRow]:
    spread = summary[objective.metric_name(split)]
    several = "sd" in spread
    single = _value(last, split, objective)
    yield (
        f"{split} {objective.title}",
        objective.mean_text(spread["mean"], spread["sd"]) if several else single,
    )
    if "ci95_low" in spread:
        ends = (objective.scale * spread[f"ci95_{end}"] for end in ("low", "high"))
        interval = " .. ".join(format(end, objective.mean_format) for end in ends)
        yield "  95 % confidence interval of the mean", objective.with_unit(interval)
    elif not several:
        yield from _interval_row(last, split)
    yield from _binomial_row(spread)
    if f"tta_{split}_error" in summary:
        averaged = summary[f"tta_{split}_error"]
        yield f"  {_TTA}", _spread(averaged) if several else _value(last, split, ERROR, "tta_")
        if not several:
            yield from _interval_row(last, split, "tta_")


def _ensemble_rows(split: str, ensemble: dict[str, Any]) -> Iterator[ClosingRow]:
    if f"{split}_error" in ensemble:
        yield f"  ensemble of {ensemble['networks']} networks", _value(ensemble, split, ERROR)
        yield from _interval_row(ensemble, split)
    if f"tta_{split}_error" in ensemble:
        yield f"  ensemble {_TTA}", _value(ensemble, split, ERROR, "tta_")
        yield from _interval_row(ensemble, split, "tta_")


def _interval_row(metrics: dict[str, Any], split: str, tta: str = "") -> Iterator[ClosingRow]:
    """Yield Wilson's interval of a count of wrong images, if it is known."""
    names = [f"{tta}{split}_error_ci95_{end}" for end in ("low", "high")]
    if set(names) <= metrics.keys():
        interval = " .. ".join(format(100 * metrics[name], ERROR.value_format) for name in names)
        yield "  95 % interval (Wilson)", ERROR.with_unit(interval)


def _binomial_row(spread: dict[str, float]) -> Iterator[ClosingRow]:
    """Yield what the images alone would make the errors of seeds vary, beside how they do."""
    if "binomial_sd" in spread:
        alone = format(100 * spread["binomial_sd"], ERROR.mean_format)
        yield "  sd by the binomial alone", ERROR.with_unit(alone)


def _loss_row(name: str, metric: str, summary: dict[str, Any]) -> Iterator[ClosingRow]:
    if metric in summary:
        spread = summary[metric]
        sd = f" ± {spread['sd']:.3g}" if "sd" in spread else ""
        yield name, f"{spread['mean']:.4g}{sd}"


def _fitted_rows(
    objective: Objective, last: dict[str, Any], summary: dict[str, Any]
) -> Iterator[ClosingRow]:
    """Yield what the trained network makes of the images it was trained on."""
    spread = summary.get(objective.metric_name("fitted"))
    if spread is not None:
        single = _value(last, "fitted", objective)
        several = "sd" in spread
        text = objective.mean_text(spread["mean"], spread["sd"]) if several else single
        yield f"{objective.title} on training data", text
    yield from _loss_row("loss on training data", "fitted_loss", summary)


def _binary_rows(summary: dict[str, Any]) -> Iterator[ClosingRow]:
    if "auc" in summary:
        yield "sensitivity, specificity", _averages(summary, "sensitivity", "specificity")
        yield "AUC, accuracy at equal error", _averages(summary, "auc", "equal_error_accuracy")


def _averages(summary: dict[str, Any], *names: str) -> str:
    texts = []
    for spread in (summary[name] for name in names):
        sd = f" ± {spread['sd']:.4f}" if "sd" in spread else ""
        texts.append(f"{spread['mean']:.4f}{sd}")
    return "  ".join(texts)


def _spread(spread: dict[str, float]) -> str:
    return f"{100 * spread['mean']:.3f} ± {100 * spread['sd']:.3f} %"


def _value(metrics: dict[str, Any], split: str, objective: Objective, tta: str = "") -> str:
    if f"{tta}{split}_errors" in metrics:
        return _count(metrics, split, tta)
    return objective.text(metrics[f"{tta}{objective.metric_name(split)}"])


def _count(metrics: dict[str, Any], split: str, tta: str = "") -> str:
    wrong, images = metrics[f"{tta}{split}_errors"], metrics[f"{split}_images"]
    return f"{100 * metrics[f'{tta}{split}_error']:.2f} % ({wrong} of {images:,} wrong)"


def _joined(values: list[float]) -> str:
    return "  ".join(f"{value:.3f}" for value in values)


def _mean(reports: list[dict[str, Any]], *keys: str) -> float:
    values: list[Any] = list(reports)
    for key in keys:
        values = [value[key] for value in values]
    return fmean(values)
