"""Predictions as text: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from runner.base.error_texts import message_in
from runner.base.option_types import Language
from runner.base.text_table import plain_table
from runner.predict.predict_language import in_language, labeled
from runner.predict.prediction import PredictionResults
from runner.predict.prediction_forms import Form

_WIDEST = 48


def as_table(
    results: PredictionResults,
    names: Sequence[str],
    form: Form,
    *,
    top: int,
    language: Language = "en",
) -> str:
    """Return a line for each prediction: its most probable classes, its labels or its numbers.

    Args:
        results: nothing is returned where there are no predictions.
        names: of the classes, labels or numbers.
        form: of the task.
        top: number of classes, or of labels that an input has not.
        language: of headings and numbers; names are given in it.
    """
    if not results.predictions:
        return ""
    cells = [form.cells(one, names, top, language) for one in results.predictions]
    header = [name for name in cells[0] if any(row[name] for row in cells)]
    inputs = short_names([prediction.name for prediction in results.predictions])
    rows = [
        [name, *(row[column] for column in header)] for name, row in zip(inputs, cells, strict=True)
    ]
    return plain_table([in_language("input", language), *header], rows, align="left") + "\n"


def as_json(
    results: PredictionResults, names: Sequence[str], form: Form, networks: Sequence[str]
) -> str:
    """Return an object with the networks, the names of all outputs, predictions and failures."""
    content = {
        "networks": networks,
        form.heading: names,
        "predictions": [form.describe(prediction, names) for prediction in results.predictions],
        "failed": [{"input": one.name, "reason": one.reason} for one in results.failures],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def as_csv(results: PredictionResults, names: Sequence[str], form: Form) -> str:
    """Return a header, and a row for each prediction with every output."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(form.rows(results, names))
    return text.getvalue()


def summary_lines(results: PredictionResults, language: Language = "en") -> list[str]:
    """Return the error, where true labels are known, and the inputs that could not be read."""
    lines = []
    known = results.with_truth
    wrong = sum(prediction.is_wrong for prediction in known)
    if known:
        rate = 100 * wrong / len(known)
        text = in_language(f"{rate:.2f} % ({wrong} of {len(known):,} wrong)", language)
        lines.append(labeled("error", text, language))
    if results.failures:
        total = len(results.failures) + len(results.predictions)
        count = in_language(f"{len(results.failures)} of {total:,}", language)
        lines.append(labeled("not read", f"{count}:", language))
        reasons = (f"{failure.name}: {failure.reason}" for failure in results.failures)
        lines += [f"  {message_in(reason, language)}" for reason in reasons]
    return lines


def short_names(names: Sequence[str]) -> list[str]:
    """Return names of inputs, the fronts of long ones cut; those that would be alike stay whole."""
    short = [_ending(name) for name in names]
    often = Counter(short)
    return [cut if often[cut] == 1 else name for name, cut in zip(names, short, strict=True)]


def _ending(name: str) -> str:
    """Return the end of a long name, at least what follows its last folder."""
    kept = max(_WIDEST - 3, len(PurePath(name).name))
    return name if len(name) <= max(_WIDEST, kept) else f"...{name[-kept:]}"
