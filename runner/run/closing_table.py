"""Lines of the closing table of a run that say more than its error."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean
from typing import Any

from runner.base.objective import SPLITS, Objective, objective_of

_FEW = 3
"""Classes up to which each has a line of its own."""

_TTA = "with test-time augmentation"
_MEASURES = ("precision", "recall", "f1")

ClosingRow = tuple[str, str]


def closing_rows(results: list[dict[str, Any]], summary: dict[str, Any]) -> Iterator[ClosingRow]:
    """Yield what was measured, of one training or of several seeds.

    Args:
        results: of each seed, as in its `report.json`.
        summary: of them; see `runner.run.result.summarize`.
    """
    ensemble, objective = summary.get("ensemble", {}), objective_of(summary)
    for split in reversed(SPLITS):
        if objective.metric_name(split) in summary:
            yield from _error_rows(split, objective, results[-1], summary)
            yield from _ensemble_rows(split, ensemble)
    yield from _binary_rows(summary)
    yield from class_rows(results)


def error_of(numbers: dict[str, Any]) -> str:
    """Say the error of one network or ensemble, of test images where it saw them."""
    objective = objective_of(numbers)
    if objective.metric_name("test") in numbers:
        return _value(numbers, "test", objective)
    return f"{objective.text(numbers[objective.metric_name('validation')])} (validation)"


def class_rows(results: list[dict[str, Any]]) -> Iterator[ClosingRow]:
    """Yield precision, recall and F1: their means, then of each class if there are few.

    Args:
        results: of each seed, as in its `report.json`; averaged.
    """
    if any("classes" not in result for result in results):
        return
    classes = {
        name: [_mean(results, "classes", name, objective) for objective in _MEASURES]
        for name in results[0]["classes"]
    }
    means = [_mean(results, "macro", objective) for objective in _MEASURES]
    yield "precision, recall, F1: mean", _numbers(means)
    if len(classes) <= _FEW:
        yield from ((f"  {name}", _numbers(measured)) for name, measured in classes.items())
    else:
        worst = min(classes, key=lambda name: classes[name][-1])
        yield f"  lowest F1: {worst}", _numbers(classes[worst])


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
    if several:
        ends = (objective.scale * spread[f"ci95_{end}"] for end in ("low", "high"))
        interval = " .. ".join(format(end, objective.mean_format) for end in ends)
        yield "  95 % confidence interval of the mean", objective.with_unit(interval)
    if f"tta_{split}_error" in summary:
        averaged = summary[f"tta_{split}_error"]
        yield f"  {_TTA}", _spread(averaged) if several else _count(last, split, "tta_")


def _ensemble_rows(split: str, ensemble: dict[str, Any]) -> Iterator[ClosingRow]:
    if f"{split}_error" in ensemble:
        yield f"  ensemble of {ensemble['networks']} networks", _count(ensemble, split)
    if f"tta_{split}_error" in ensemble:
        yield f"  ensemble {_TTA}", _count(ensemble, split, "tta_")


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


def _value(numbers: dict[str, Any], split: str, objective: Objective) -> str:
    if f"{split}_errors" in numbers:
        return _count(numbers, split)
    return objective.text(numbers[objective.metric_name(split)])


def _count(numbers: dict[str, Any], split: str, tta: str = "") -> str:
    wrong, images = numbers[f"{tta}{split}_errors"], numbers[f"{split}_images"]
    return f"{100 * numbers[f'{tta}{split}_error']:.2f} % ({wrong} of {images:,} wrong)"


def _numbers(measured: list[float]) -> str:
    return "  ".join(f"{value:.3f}" for value in measured)


def _mean(results: list[dict[str, Any]], *keys: str) -> float:
    values: list[Any] = list(results)
    for key in keys:
        values = [value[key] for value in values]
    return fmean(values)
