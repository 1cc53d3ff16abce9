"""The table that puts learners beside the networks whose features they were given."""

from typing import Any

from runner.base.seed_statistics import describe_seeds
from runner.evaluation.baselines.baseline_table import (
    NETWORK,
    by_baseline,
    distinct_fits,
    error_text,
)

HEADER = (
    "| experiment | features | learner | test error, mean ± sd | n | fitted in s | asked in s |\n"
    "|---|---|---|---|---|---|---|\n"
)


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the Markdown table of all experiments that have learners, best first in each.

    Args:
        results: what `experiments/results/` holds, by experiment.
    """
    compared = {name: of["seeds"] for name, of in results.items() if "learners" in of["seeds"][0]}
    return HEADER + "".join(row for name, seeds in compared.items() for row in _rows(name, seeds))


def _rows(name: str, seeds: list[dict[str, Any]]) -> list[str]:
    fitted = {who: distinct_fits(own) for who, own in by_baseline(seeds).items()}
    best_first = sorted(fitted.items(), key=lambda item: _mean(item[1], "test_error"))
    return [f"| {name} | {_given(who, own, seeds[0]['features'])}" for who, own in best_first]


def _given(who: str, own: list[dict[str, Any]], features: dict[str, Any]) -> str:
    what, fitted = f"{features['count']} of {features['layer']}", f"{_mean(own, 'fit_seconds'):.1f}"
    if who == NETWORK:  # its seconds are in the table of experiments
        what, fitted = "-", "-"
    asked = f"{_mean(own, 'predict_seconds'):.1f}"
    return f"{what} | {who} | {error_text(own, 'test_error')} | {len(own)} | {fitted} | {asked} |\n"


def _mean(own: list[dict[str, Any]], which: str) -> float:
    return describe_seeds([fit[which] for fit in own])["mean"]
