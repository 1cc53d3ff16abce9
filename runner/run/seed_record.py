"""What records the training of one seed, and what is left to do when it is trained."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from runner.base import console
from runner.base.stored_files import write_digests
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.figures.training_recorder import Probe, Recorder, new_recorders
from runner.run.job import Job
from runner.run.result import Result
from runner.run.run_checkpoints import remove_checkpoint
from runner.run.run_figures import Figures
from runner.run.run_logging import log_recordings, log_result
from runner.run.run_page import write_run_page
from runner.run.run_summary import save_baselines
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


@dataclass(frozen=True)
class TrainedSeed:
    """A trained seed, whose figures are being drawn.

    Attributes:
        record: of its training.
        result: of the same; its network may have the weights of another seed by now.
        figures: of the result.
    """

    record: SeedRecord
    result: Result
    figures: Figures

    def finish(self, job: Job, data: Dataset) -> dict[str, Any]:
        """Write and log what needs its figures, and end its run; return its `report.json`."""
        config, folder, run = job.config, job.seed_folder(self.result.seed), self.record.run
        save_baselines(config, [self.result.metrics()], folder)
        write_digests(folder)
        if not job.several:
            write_run_page(folder, job.sweep_tags)
        with console.busy("logging"):
            report = log_result(run, self.result, config, data, folder)
            log_recordings(run, self.record.recorders)
            self.record.opened.close()
        if job.several:
            remove_checkpoint(folder)
        return report


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
