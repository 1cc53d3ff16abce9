"""What can go wrong for a user, said in one line each."""

from __future__ import annotations


class RunnerError(Exception):
    """A failure whose message alone tells the user what was expected, what came, what to do."""


class ConfigurationError(RunnerError):
    """The configuration cannot be run; found before TensorFlow is imported where possible."""


class SeedError(ConfigurationError):
    """A run has no network of the seed asked for.

    Attributes:
        seeds: of its networks; none where it has only one.
    """

    def __init__(self, message: str, seeds: list[int]) -> None:
        super().__init__(message)
        self.seeds = seeds


class DataError(RunnerError):
    """A data set is missing, damaged, or not what its YAML says."""


class TrainingError(RunnerError):
    """Training stopped by itself, for example at a loss that is not a number."""


class PrunedError(RunnerError):
    """A search gave up a trial that does worse than the others."""


class SweepError(RunnerError):
    """Jobs of a sweep failed."""
