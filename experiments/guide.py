"""Measured numbers in the course guide: each stands between comments that name its result.

`<!--cnn1-->...<!---->` holds mean and standard deviation of a result, `<!--cnn1:svm-->` those of a
learner beside it, `<!--cnn1:ensemble-->` the error of all its networks together.
"""

import re
from typing import Any

from experiments.measured import average
from runner.evaluation.baselines.baseline_table import by_baseline, distinct_fits, error_text

MARKED = re.compile(r"<!--([\w.+-]+)(?::([\w-]+))?-->.*?<!---->", re.DOTALL)


def with_numbers(
    text: str, results: dict[str, Any], handouts: dict[str, Any], comma: bool = False
) -> str:
    """Return a text with every marked number as it was measured.

    Args:
        text: Markdown.
        results: what `experiments/results/` holds, by experiment.
        handouts: what the handouts print, by experiment.
        comma: whether decimals follow a comma.
    """

    def measured(match: re.Match[str]) -> str:
        name, part = match.groups()
        said = _number(results[name], handouts.get(name, {}).get("number"), part)
        mark = f"{name}:{part}" if part else name
        return f"<!--{mark}-->{said.replace('.', ',') if comma else said}<!---->"

    return MARKED.sub(measured, text)


def _number(result: dict[str, Any], shown: str | None, part: str | None) -> str:
    if part == "ensemble":
        return f"{100 * result['ensemble']['test_error']:.2f} %"
    if part:
        fits = distinct_fits(by_baseline(result["seeds"])[part])
        return f"{error_text(fits, 'test_error')} (n = {len(fits)})"
    return f"{average(result, shown)} (n = {len(result['seeds'])})"
