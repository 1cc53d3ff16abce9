"""What records the training of one seed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace

from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.figures.training_recorder import Probe, Recorder, new_recorders
from runner.tracking.open_run import OpenRun
from runner.training.observer import Observer
from runner.training.seed_stack import loss_of

_PROBED = 256


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


def recorders_of(config: Config, data: Dataset) -> list[Recorder]:
    """Return the recorders that the configured figures declare, for one training."""
    recorders = new_recorders(config.figures.values())
    if recorders:
        loss = data.task.loss(config.training.loss, config.soft_targets)
        resolved = replace(config, training=replace(config.training, loss=loss))
        images, targets = data.train.images[:_PROBED], data.train.targets[:_PROBED]
        probe = Probe(images, data.task.encode(targets, loss), loss_of(resolved))
        for recorder in recorders:
            recorder.see(probe)
    return recorders
