"""The members of an ensemble: finished runs, checked for the same images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runner.base.errors import ConfigurationError
from runner.base.objective import MSE, objective_of
from runner.evaluation.predictions import Predictions
from runner.tracking.found_run import FoundRun
from runner.tracking.run_finder import find_run

SplitPredictions = dict[str, Predictions | None]
"""Predictions of one network, for each split."""


@dataclass(frozen=True)
class Member:
    """A finished run whose networks are averaged with others.

    Attributes:
        run: that was found.
        networks: for each seed, a unique key and the predictions of its network.
    """

    run: FoundRun
    networks: dict[int, tuple[str, SplitPredictions]]

    @property
    def predictions(self) -> list[SplitPredictions]:
        """Predictions of its networks."""
        return [predictions for _, predictions in self.networks.values()]


def find_member(word: str, uri: str | None = None) -> Member:
    """Find a finished run; see `runner.tracking.run_finder.find_run`.

    Raises:
        ConfigurationError: there is no such run, or it was trained for regression.
    """
    run = find_run(word, uri)
    report = run.report()
    if any(objective_of(seed) == MSE for seed in report.get("seeds", [report])):
        raise ConfigurationError(
            f"{word}: its networks are regressions, and only probabilities of classes are "
            "averaged; name runs of classification"
        )
    seeds = run.seeds().items()
    return Member(run, {seed: (one.key, one.predictions()) for seed, one in seeds})


def check_distinct(members: Sequence[Member]) -> None:
    """Raise ConfigurationError if a network is among the members twice."""
    keys: set[str] = set()
    for member in members:
        for seed, (key, _) in member.networks.items():
            if key in keys:
                raise ConfigurationError(
                    f"{member.run.name}: its network of seed {seed} is named more than once; name "
                    "each run once, and no seed beside its run"
                )
            keys.add(key)


def check_same_images(members: Sequence[Member], split: str) -> None:
    """Raise ConfigurationError if the stored predictions of a split are of different images."""
    stored = [
        (member.run.name, one)
        for member in members
        for predictions in member.predictions
        if (one := predictions[split]) is not None
    ]
    for name, one in stored:
        first, expected = stored[0]
        same_classes = one.probabilities.shape == expected.probabilities.shape
        if not (same_classes and one.of_same_images(expected)):
            raise ConfigurationError(
                f"{first} and {name} cannot form an ensemble: their {split} images differ "
                f"({_difference(expected, one)})"
            )


def _difference(first: Predictions, second: Predictions) -> str:
    a, b = _described(first), _described(second)
    if a != b:
        return f"{a}; {b}"
    return "as many, but others, in another order, or not noted by an earlier version"


def _described(predictions: Predictions) -> str:
    images, classes = predictions.probabilities.shape
    counts = predictions.counts()
    return f"{images} images, {classes} classes, {counts[0]} of the first"
