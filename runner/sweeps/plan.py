"""Which jobs a sweep runs: those of a grid; `runner.sweeps.search` chooses them one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from runner.sweeps.jobs import Outcome, SweepJob

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Plan(Protocol):
    """Gives a sweep its jobs."""

    def phases(self) -> Iterator[Iterable[SweepJob]]:
        """Yield sets of jobs; each is asked for when all jobs of those before it have ended."""

    def tell(self, outcome: Outcome) -> None:
        """Hear how a job ended, before the next one is asked for."""

    def figures(self) -> dict[str, Figure]:
        """Draw what there is to see beyond the report of the sweep."""


@dataclass(frozen=True)
class Grid:
    """Jobs that are known from the start.

    Attributes:
        jobs: in their order.
    """

    jobs: list[SweepJob]

    def phases(self) -> Iterator[Iterable[SweepJob]]:
        """Yield all jobs at once."""
        yield self.jobs

    def tell(self, outcome: Outcome) -> None:
        """Nothing depends on how a job ended."""

    def figures(self) -> dict[str, Figure]:
        """Draw nothing."""
        return {}
