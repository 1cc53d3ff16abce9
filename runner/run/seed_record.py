"""What records the training of one seed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from runner.figures.training_recorder import Recorder
from runner.tracking.open_run import OpenRun
from runner.training.observer import Observer


@dataclass(frozen=True)
class SeedRecord:
    """What records the training of one seed.

    Attributes:
        run: of the seed in the store.
        recorders: of what figures need.
        observers: of its training, those among them.
        opened: ends the run when it is closed.
    """

    run: OpenRun
    recorders: list[Recorder]
    observers: list[Observer]
    opened: ExitStack
