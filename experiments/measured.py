"""What the seeds of an experiment gave, as it is shown."""

from typing import Any

from runner.base.objective import objective_of
from runner.base.seed_statistics import describe_seeds


def values(result: dict[str, Any], shown: str | None = None) -> list[float]:
    """Return a number of each seed, as it is shown; by default the measure of the test data.

    Args:
        result: a file of `experiments/results/`.
        shown: name of another number of each seed.
    """
    objective = objective_of(result["seeds"][0])
    return [objective.scale * seed[shown or objective.of("test")] for seed in result["seeds"]]


def average(result: dict[str, Any], shown: str | None = None) -> str:
    """Say mean and standard deviation of that number, with its unit."""
    described, objective = describe_seeds(values(result, shown)), objective_of(result["seeds"][0])
    numbers = (format(described[of], objective.mean) for of in ("mean", "sd") if of in described)
    return objective.with_unit(" ± ".join(numbers))
