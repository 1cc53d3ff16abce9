"""Measured numbers in the course guide: each stands between comments that name its result.

`<!--cnn1-->...<!---->` holds mean and standard deviation of a result, `<!--cnn1:svm-->` those of a
learner beside it, `<!--cnn1:ensemble-->` the error of all its networks together, and
`<!--cnn1:test_loss-->` another metric of `report.json`.
"""

import re
from typing import Any

from experiments.measured import average
from runner.base.seed_statistics import describe_seeds
from runner.evaluation.baselines.baseline_table import by_baseline, distinct_fits, error_text

NOT_RUN = {False: "not run yet", True: "ainda não rodado"}
"""What stands for a result that is not there, in English and, where decimals follow a comma, in
Portuguese."""
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
        mark = f"{name}:{part}" if part else name
        if name not in results and "missing" in handouts[name]:
            return f"<!--{mark}-->{NOT_RUN[comma]}<!---->"
        said = _number(results[name], handouts.get(name, {}).get("number"), part)
        return f"<!--{mark}-->{said.replace('.', ',') if comma else said}<!---->"

    return MARKED.sub(measured, text)


def _number(result: dict[str, Any], shown: str | None, part: str | None) -> str:
    if part == "ensemble":
        return f"{100 * result['ensemble']['test_error']:.2f} %"
    if part and part in result["seeds"][0]:
        return _metric([seed[part] for seed in result["seeds"]], is_rate=part.endswith("_error"))
    if part:
        fits = distinct_fits(by_baseline(result["seeds"])[part])
        return f"{error_text(fits, 'test_error')} (n = {len(fits)})"
    return f"{average(result, shown)} (n = {len(result['seeds'])})"


def _metric(values: list[float], *, is_rate: bool) -> str:
    described = describe_seeds([100 * value for value in values] if is_rate else values)
    numbers = (f"{described[of]:.{3 if is_rate else 4}f}" for of in ("mean", "sd"))
    return f"{' ± '.join(numbers)}{' %' if is_rate else ''} (n = {len(values)})"
