"""Predictions as text: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from runner.base.text_table import plain_table, probability_text
from runner.predict.prediction import InputPrediction, PredictionResults

_WIDEST = 48


def as_table(
    results: PredictionResults, names: Sequence[str], *, regression: bool, top: int
) -> str:
    """Return a line for each prediction: its most probable classes, or its numbers.

    Args:
        results: nothing is returned where there are no predictions.
        names: of the classes or numbers.
        regression: whether they are numbers.
        top: number of classes.
    """
    predictions = results.predictions
    if not predictions:
        return ""
    if regression:
        header, cells = list(names), [_rounded(prediction) for prediction in predictions]
    else:
        header, cells = _class_columns(predictions, names, top)
    rows = [[_short(p.name), *row] for p, row in zip(predictions, cells, strict=True)]
    return plain_table(["input", *header], rows, align="left") + "\n"


def as_json(
    results: PredictionResults, names: Sequence[str], networks: Sequence[str], *, regression: bool
) -> str:
    """Return an object with the networks, the names of all outputs, predictions and failures."""
    describe = _number_object if regression else _class_object
    content = {
        "networks": networks,
        "outputs" if regression else "classes": names,
        "predictions": [describe(prediction, names) for prediction in results.predictions],
        "failed": [{"input": one.name, "reason": one.reason} for one in results.failures],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def as_csv(results: PredictionResults, names: Sequence[str], *, regression: bool) -> str:
    """Return a header, and a row for each prediction with every output."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if regression:
        writer.writerow(["input", *names])
        writer.writerows([p.name, *map(float, p.outputs)] for p in results.predictions)
        return text.getvalue()
    truth = ["true"] if results.with_truth else []
    writer.writerow(["input", "class", *truth, *(f"p({name})" for name in names), "seen as"])
    for prediction in results.predictions:
        true = "" if prediction.truth is None else names[prediction.truth]
        probabilities = [f"{value:.6f}" for value in prediction.outputs]
        cells = [prediction.name, names[prediction.label], *[true][: len(truth)]]
        writer.writerow([*cells, *probabilities, prediction.preparation])
    return text.getvalue()


def summary_lines(results: PredictionResults) -> list[str]:
    """Return the error, where true labels are known, and the inputs that could not be read."""
    lines = []
    known = results.with_truth
    wrong = sum(prediction.is_wrong for prediction in known)
    if known:
        rate = 100 * wrong / len(known)
        lines.append(f"error     {rate:.2f} % ({wrong} of {len(known):,} wrong)")
    if results.failures:
        total = len(results.failures) + len(results.predictions)
        lines.append(f"not read  {len(results.failures)} of {total:,}:")
        lines += [f"  {failure.name}: {failure.reason}" for failure in results.failures]
    return lines


def _class_columns(
    predictions: Sequence[InputPrediction], names: Sequence[str], top: int
) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns that have any cells, and the cells of each prediction."""
    rows = [_class_cells(prediction, names, top) for prediction in predictions]
    header = [name for name in rows[0] if any(row[name] for row in rows)]
    return header, [[row[name] for name in header] for row in rows]


def _class_cells(prediction: InputPrediction, names: Sequence[str], top: int) -> dict[str, str]:
    outputs = prediction.outputs
    first, *others = (-outputs).argsort(kind="stable")[:top]
    wrong = " (wrong)" * prediction.is_wrong
    return {
        "class": names[first],
        "probability": probability_text(outputs[first]),
        "then": ", ".join(f"{names[label]} {probability_text(outputs[label])}" for label in others),
        "true": "" if prediction.truth is None else f"{names[prediction.truth]}{wrong}",
        "seen as": prediction.preparation,
    }


def _rounded(prediction: InputPrediction) -> list[str]:
    return [f"{value:.5g}" for value in prediction.outputs]


def _class_object(prediction: InputPrediction, names: Sequence[str]) -> dict[str, Any]:
    described = {
        "input": prediction.name,
        "class": names[prediction.label],
        "label": prediction.label,
        "probabilities": [round(float(value), 6) for value in prediction.outputs],
        "seen_as": prediction.preparation,
    }
    true = {} if prediction.truth is None else {"true": names[prediction.truth]}
    return described | true


def _number_object(prediction: InputPrediction, names: Sequence[str]) -> dict[str, Any]:
    del names  # they stand once, for all predictions
    return {"input": prediction.name, "outputs": [float(value) for value in prediction.outputs]}


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST else f"...{name[3 - _WIDEST :]}"
