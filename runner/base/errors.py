"""Exceptions whose message is shown to the user on one line."""

from __future__ import annotations


class RunnerError(Exception):
    """Base of all: the message says what was expected, what came instead, and what to do."""


class ConfigurationError(RunnerError):
    """The command line or the configuration is wrong."""


class SeedError(ConfigurationError):
    """A run has no network of the requested seed.

    Attributes:
        seeds: of its networks; empty where it has a single network.
    """

    def __init__(self, message: str, seeds: list[int]) -> None:
        super().__init__(message)
        self.seeds = seeds


class DataError(RunnerError):
    """A data set is missing, damaged, or not what its configuration describes."""


class TrainingError(RunnerError):
    """Training cannot go on, for example after a loss of NaN."""


class PrunedError(RunnerError):
    """A search pruned a trial that is worse than the others."""


class SweepError(RunnerError):
    """Jobs of a sweep failed."""


class StoreError(RunnerError):
    """A store of runs does not answer."""


class RefusedError(RunnerError):
    """A store of runs answers, and refuses what it was sent, now and later."""
