"""Lines of the closing table of a run that say more than its error."""

from collections.abc import Iterator
from statistics import fmean
from typing import Any

_FEW = 3
"""Classes up to which each has a line of its own."""

_MEASURES = ("precision", "recall", "f1")

Row = tuple[str, str]


def class_rows(results: list[dict[str, Any]]) -> Iterator[Row]:
    """Yield precision, recall and F1: their means, then of each class if there are few.

    Args:
        results: of each seed, as in its `report.json`; averaged.
    """
    if any("classes" not in result for result in results):
        return
    classes = {
        name: [_mean(results, "classes", name, measure) for measure in _MEASURES]
        for name in results[0]["classes"]
    }
    means = [_mean(results, "macro", measure) for measure in _MEASURES]
    yield "precision, recall, F1: mean", _numbers(means)
    if len(classes) <= _FEW:
        yield from ((f"  {name}", _numbers(measured)) for name, measured in classes.items())
    else:
        worst = min(classes, key=lambda name: classes[name][-1])
        yield f"  lowest F1: {worst}", _numbers(classes[worst])


def _numbers(measured: list[float]) -> str:
    return "  ".join(f"{value:.3f}" for value in measured)


def _mean(results: list[dict[str, Any]], *keys: str) -> float:
    values: list[Any] = list(results)
    for key in keys:
        values = [value[key] for value in values]
    return fmean(values)
