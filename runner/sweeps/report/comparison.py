"""The comparison of two runs: a t-test on the errors of their seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from runner.base.errors import ConfigurationError
from runner.base.lazy import scipy
from runner.base.objective import ERROR, SPLITS, Objective, objective_of
from runner.base.seed_statistics import describe_seeds
from runner.tracking.run_finder import find_run

LEVEL = 0.05
_FEWEST = 2


@dataclass(frozen=True)
class RunComparison:
    """Errors of A and B, as displayed, and a t-test of their difference B - A.

    Attributes:
        kind: of error: test or validation.
        paired: whether both have the same seeds, so that the test is paired.
        a: statistics of A; see `runner.base.seed_statistics.describe_seeds`.
        b: the same of B.
        difference: mean of B minus mean of A.
        low: lower end of the 95 % confidence interval of the difference.
        high: upper end.
        p: p-value of the difference.
        objective: that they are compared by.
    """

    kind: str
    paired: bool
    a: dict[str, float]
    b: dict[str, float]
    difference: float
    low: float
    high: float
    p: float
    objective: Objective = ERROR

    def sentence(self, a: str, b: str) -> str:
        """Return the result as one sentence, with `a` and `b` as names of the runs."""
        verdict = f"{b} is no better or worse than {a} as far as these seeds can tell"
        if self.p < LEVEL:
            verdict = f"{b} is {'better' if self.difference < 0 else 'worse'} than {a}"
        test = "paired t-test" if self.paired else "Welch's t-test"
        ends = f"{self._signed(self.low)} .. {self._signed(self.high)}"
        return (
            f"{verdict}: {self.kind} {self.objective.title} {self._number(self.b)} against "
            f"{self.objective.with_unit(self._number(self.a))}, difference "
            f"{self._signed(self.difference)} (95 % confidence interval {ends}), "
            f"p = {self.p:.2g}, {test}."
        )

    def _number(self, described: dict[str, float]) -> str:
        numbers = (format(described[name], self.objective.mean_format) for name in ("mean", "sd"))
        return f"{' ± '.join(numbers)} (n = {described['n']})"

    def _signed(self, value: float) -> str:
        return format(value, f"+{self.objective.mean_format}")


def compare(
    a: dict[int, float], b: dict[int, float], kind: str, objective: Objective = ERROR
) -> RunComparison:
    """Test whether the errors of B differ from those of A; paired if they have the same seeds.

    Args:
        a: error of each seed of A, as displayed: rates in per cent.
        b: the same of B.
        kind: of error, for people.
        objective: that they are compared by.

    Raises:
        ConfigurationError: fewer than two seeds in one of them.
    """
    for name, errors in (("A", a), ("B", b)):
        if len(errors) < _FEWEST:
            raise ConfigurationError(
                f"{name} has {len(errors)} seed; a comparison needs {_FEWEST} or more, better 10: "
                "run it with seeds=10"
            )
    paired = set(a) == set(b)
    first, second = [a[seed] for seed in sorted(a)], [b[seed] for seed in sorted(b)]
    difference = float(np.mean(second) - np.mean(first))
    if np.ptp(np.subtract(second, first)) == 0 if paired else np.ptp(first) == np.ptp(second) == 0:
        p = 1.0 if difference == 0 else 0.0  # without any spread a test is undefined
        low = high = difference
    else:
        result = scipy.stats.ttest_rel(second, first) if paired else _welch(second, first)
        low, high = map(float, result.confidence_interval(0.95))
        p = float(result.pvalue)
    return RunComparison(
        kind,
        paired,
        describe_seeds(first),
        describe_seeds(second),
        difference,
        low,
        high,
        p,
        objective,
    )


def errors_of(
    word: str, uri: str | None = None
) -> tuple[str, dict[str, dict[int, float]], Objective]:
    """Find a finished run, and return the errors of its seeds.

    Args:
        word: see `runner.tracking.run_finder.find_run`.
        uri: of the store of runs; None means the stores in `outputs/`.

    Returns:
        name of the run; for each kind, the error of each seed, rates in per cent; objective.

    Raises:
        ConfigurationError: there is no such finished run.
    """
    run = find_run(word, uri)
    return run.name, *kinds_of(run.report())


def kinds_of(report: dict[str, Any]) -> tuple[dict[str, dict[int, float]], Objective]:
    """Return for each kind the displayed error of each seed in a `report.json`; the objective."""
    seeds = report.get("seeds", [report])
    objective = objective_of(seeds[0])
    kinds = {
        kind: {seed["seed"]: objective.scale * seed[objective.metric_name(kind)] for seed in seeds}
        for kind in SPLITS
        if all(objective.metric_name(kind) in seed for seed in seeds)
    }
    return kinds, objective


def _welch(second: list[float], first: list[float]) -> Any:
    return scipy.stats.ttest_ind(second, first, equal_var=False)
