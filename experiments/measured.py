"""Displayed results of an experiment: a value per seed, their mean and standard deviation."""

from typing import Any

from runner.base.objective import objective_of
from runner.base.seed_statistics import describe_seeds


def values(result: dict[str, Any], shown: str | None = None) -> list[float]:
    """Return a displayed value of each seed; by default the objective on the test data.

    Args:
        result: a file of `experiments/results/`.
        shown: name of another metric of each seed.
    """
    objective = objective_of(result["seeds"][0])
    return [
        objective.scale * seed[shown or objective.metric_name("test")] for seed in result["seeds"]
    ]


def average(result: dict[str, Any], shown: str | None = None) -> str:
    """Format mean and standard deviation of that value, with its unit."""
    described, objective = describe_seeds(values(result, shown)), objective_of(result["seeds"][0])
    numbers = (
        format(described[of], objective.mean_format) for of in ("mean", "sd") if of in described
    )
    return objective.with_unit(" ± ".join(numbers))
