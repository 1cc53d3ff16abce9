"""The table that puts learners beside the networks whose features they were given."""

from collections.abc import Iterable
from typing import Any

from runner.seeds import spread

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
    features = seeds[0]["features"]
    given = f"{features['count']} of {features['layer']}"
    learners = {
        of: _distinct(seed["learners"][of] for seed in seeds) for of in seeds[0]["learners"]
    }
    networks = {"the network": seeds}
    ordered = sorted((networks | learners).items(), key=lambda item: _error(item[1])["mean"])
    return [
        f"| {name} | {'-' if of in networks else given} | {of} | {_said(fits)} | {len(fits)} | "
        f"{_seconds(fits, 'fit_seconds')} | {_seconds(fits, 'predict_seconds')} |\n"
        for of, fits in ordered
    ]


def _distinct(fits: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each fit once: what no seed can change was fitted once for all of them."""
    known: list[dict[str, Any]] = []
    for fit in fits:
        if fit not in known:
            known.append(fit)
    return known


def _error(fits: list[dict[str, Any]]) -> dict[str, float]:
    return spread([100 * fit["test_error"] for fit in fits])


def _said(fits: list[dict[str, Any]]) -> str:
    error = _error(fits)
    return " ± ".join(f"{error[of]:.3f}" for of in ("mean", "sd") if of in error) + " %"


def _seconds(fits: list[dict[str, Any]], which: str) -> str:
    known = [fit[which] for fit in fits if which in fit]
    return f"{spread(known)['mean']:.1f}" if known else "-"
