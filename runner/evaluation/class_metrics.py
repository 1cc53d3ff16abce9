"""Precision, recall and F1 of each class, with the confusion matrix as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runner.base.array_types import Labels
from runner.base.lazy import sklearn
from runner.base.option_types import Items
from runner.base.text_table import plain_table


@dataclass(frozen=True)
class ClassMetrics:
    """Metrics of one class against all others.

    Attributes:
        precision: fraction of the images predicted as this class that belong to it; 0 without any.
        recall: fraction of the images of the class that are predicted as it.
        f1: harmonic mean of both.
        support: number of test images of the class.
    """

    precision: float
    recall: float
    f1: float
    support: int


def measure_classes(
    labels: Labels, predictions: Labels, class_names: Sequence[str]
) -> dict[str, ClassMetrics]:
    """Return the metrics of each class that has test images, by its name.

    Args:
        labels: true, int64 [n].
        predictions: int64 [n].
        class_names: one for each label.
    """
    present = np.unique(labels)
    columns = sklearn.metrics.precision_recall_fscore_support(
        labels, predictions, labels=present, zero_division=0
    )
    rows = zip(present, *(column.tolist() for column in columns), strict=True)
    return {class_names[label]: ClassMetrics(*values) for label, *values in rows}


def macro_averages(classes: dict[str, ClassMetrics]) -> dict[str, float]:
    """Return the unweighted means of precision, recall and F1 over classes."""
    return {
        name: float(np.mean([getattr(metrics, name) for metrics in classes.values()]))
        for name in ("precision", "recall", "f1")
    }


def weighted_averages(classes: dict[str, ClassMetrics]) -> dict[str, float]:
    """Return the means of precision, recall and F1 weighted by the test images of each class."""
    weights = [metrics.support for metrics in classes.values()]
    return {
        name: float(np.average([getattr(one, name) for one in classes.values()], weights=weights))
        for name in ("precision", "recall", "f1")
    }


def as_text(
    classes: dict[str, ClassMetrics],
    labels: Labels,
    predictions: Labels,
    class_names: Sequence[str],
    items: Items = "images",
) -> str:
    """Return the metrics and the confusion matrix as a text for people."""
    wrong = int((labels != predictions).sum())
    return "\n".join(
        [
            f"{wrong:,} of {len(labels):,} test {items} given a wrong label",
            "",
            _table_of_metrics(classes, items),
            "",
            f"A row for each class the {items} have, a column for each they were given:",
            "",
            _table_of_confusions(labels, predictions, class_names),
            "",
        ]
    )


def _table_of_metrics(classes: dict[str, ClassMetrics], items: Items) -> str:
    rows = [
        [
            name,
            f"{metrics.precision:.4f}",
            f"{metrics.recall:.4f}",
            f"{metrics.f1:.4f}",
            f"{metrics.support:,}",
        ]
        for name, metrics in classes.items()
    ]
    total = f"{sum(metrics.support for metrics in classes.values()):,}"
    averages = {
        "macro average": macro_averages(classes),
        "weighted average": weighted_averages(classes),
    }
    for name, means in averages.items():
        rows.append([name, *(f"{mean:.4f}" for mean in means.values()), total])
    return plain_table(["class", "precision", "recall", "F1", items], rows)


def _table_of_confusions(labels: Labels, predictions: Labels, class_names: Sequence[str]) -> str:
    matrix = sklearn.metrics.confusion_matrix(labels, predictions, labels=range(len(class_names)))
    rows = [[name, *map(str, row)] for name, row in zip(class_names, matrix, strict=True)]
    return plain_table(["", *class_names], rows)
