"""The plan of a sweep, which yields its jobs; here a grid, in `runner.sweeps.search` a search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from runner.sweeps.jobs import Outcome, SweepJob

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Plan(Protocol):
    """Yields the jobs of a sweep, perhaps depending on earlier outcomes."""

    def phases(self) -> Iterator[Iterable[SweepJob]]:
        """Yield groups of jobs; each is taken when all jobs of the groups before it have ended."""

    def tell(self, outcome: Outcome) -> None:
        """Take the outcome of a job, before the next job is taken."""

    def best_error(self) -> float | None:
        """Return the smallest validation error of the jobs, where they are chosen by it."""

    def figures(self) -> dict[str, Figure]:
        """Return figures in addition to those of the report, by name."""


@dataclass(frozen=True)
class Grid:
    """A fixed list of jobs.

    Attributes:
        jobs: in the order in which they start.
    """

    jobs: list[SweepJob]

    def phases(self) -> Iterator[Iterable[SweepJob]]:
        """Yield all jobs as one group."""
        yield self.jobs

    def tell(self, outcome: Outcome) -> None:
        """Do nothing."""

    def best_error(self) -> None:
        """Return None: nothing is chosen."""

    def figures(self) -> dict[str, Figure]:
        """Return no figures."""
        return {}
