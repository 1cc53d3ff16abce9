"""What the seeds of an experiment gave, as it is shown."""

from typing import Any

from runner.base.objective import measure_of
from runner.base.seed_statistics import spread


def values(result: dict[str, Any], shown: str | None = None) -> list[float]:
    """Return a number of each seed, as it is shown; by default the measure of the test data.

    Args:
        result: a file of `experiments/results/`.
        shown: name of another number of each seed.
    """
    measure = measure_of(result["seeds"][0])
    return [measure.scale * seed[shown or measure.of("test")] for seed in result["seeds"]]


def average(result: dict[str, Any], shown: str | None = None) -> str:
    """Say mean and standard deviation of that number, with its unit."""
    described, measure = spread(values(result, shown)), measure_of(result["seeds"][0])
    numbers = (format(described[of], measure.mean) for of in ("mean", "sd") if of in described)
    return measure.with_unit(" ± ".join(numbers))
