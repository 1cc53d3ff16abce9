"""How far the handouts' numbers are from ours, and why where it is far."""

import math
import sys
from typing import Any

from experiments.measured import average, values
from runner.base.objective import objective_of
from runner.base.seed_statistics import describe_seeds

FAR = 2.0
"""Standard deviations of our seeds, from which on a difference has to be explained."""


def distances(handout: dict[str, Any], result: dict[str, Any]) -> list[float]:
    """Return how many standard deviations each printed number is above the mean of our seeds.

    Nothing is known of what only one seed was trained for.
    """
    described = describe_seeds(values(result, handout.get("number")))
    if "sd" not in described:
        return []
    return [_distance(p - described["mean"], described["sd"]) for p in handout.get("printed", [])]


def said(handout: dict[str, Any], result: dict[str, Any]) -> str:
    """Say the distances, for a table."""
    return ", ".join(f"{distance:+.1f}" for distance in distances(handout, result)) or "-"


def explanations(handouts: dict[str, dict[str, Any]], results: dict[str, dict[str, Any]]) -> str:
    """Return a Markdown list of the reasons where a handout's number is far from ours.

    What has a reason and is not far, or is far and has none, ends the program.
    """
    lines = []
    for name, handout in handouts.items():
        far = name in results and _is_far(handout, results[name])
        if far != ("apart" in handout):
            needs = "needs" if far else "needs no"
            sys.exit(
                f'experiments/handouts.json: {name} {needs} "apart", a reason for a difference'
            )
        if far:
            lines.append(f"- {_difference(name, handout, results[name])}: {handout['apart']}\n")
    return "".join(lines)


def _difference(name: str, handout: dict[str, Any], result: dict[str, Any]) -> str:
    objective = objective_of(result["seeds"][0])
    printed = " and ".join(f"{number:g}" for number in handout["printed"])
    ours = average(result, handout.get("number"))
    return f"**{name}**, {ours} against {objective.with_unit(printed)}"


def _is_far(handout: dict[str, Any], result: dict[str, Any]) -> bool:
    return any(abs(distance) > FAR for distance in distances(handout, result))


def _distance(difference: float, sd: float) -> float:
    if sd == 0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / sd
