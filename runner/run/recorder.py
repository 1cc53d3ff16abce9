"""The recorder of an open run: writes files into its folder, and logs to a store of runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from runner.base import console
from runner.base.interruptions import interruptions_kept
from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.evaluation.ensembles import measure_ensemble
from runner.evaluation.predictions import FILES, AnyPredictions
from runner.figures.drawing_pool import DrawingPool
from runner.run import result
from runner.run.earlier_attempts import finished_seeds, interrupted_seed
from runner.run.epoch_log import EpochLog
from runner.run.init_from import InitFrom
from runner.run.job import Job
from runner.run.logged_metrics import summary_metrics
from runner.run.progress_bar import ProgressBar
from runner.run.result import Result
from runner.run.run_checkpoints import open_checkpoints
from runner.run.run_figures import begin_figures
from runner.run.run_folder import folder_tag
from runner.run.run_logging import describe_run
from runner.run.run_page import write_run_page
from runner.run.run_summary import save_summary
from runner.run.seed_record import SeedRecord, TrainedSeed, recorders_of
from runner.tracking.found_run import FoundRun
from runner.tracking.open_run import OpenRun
from runner.tracking.run_store import RunStore
from runner.training.checkpoint import Checkpoints


@dataclass
class RunRecorder:
    """The recorder of an open run.

    Attributes:
        job: that is run; with several seeds each has a subfolder.
        store: of the runs.
        run: of the job; with several seeds each has a child run.
        data: of the training.
        fingerprints: by seed.
        environment: versions and hardware.
        init_from: initial networks, or None.
        pool: draws figures.
        seed_tags: of the run of each seed, for people.
        trained: seeds that were added, whose figures are being drawn.
        reports: `report.json` of each finished seed.
        predictions: of each finished seed, by split.
        drawn: names of the figures of the last seed.
        not_drawn: why other figures were not, by name.
        failed: errors of figures, by name.
        ensemble: errors of the ensemble of all seeds, once the recorder is closed.
    """

    job: Job
    store: RunStore
    run: OpenRun
    data: Dataset
    fingerprints: dict[int, str]
    environment: dict[str, str]
    init_from: InitFrom | None
    pool: DrawingPool
    seed_tags: dict[str, str]
    trained: list[TrainedSeed] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    predictions: dict[int, Mapping[str, AnyPredictions | None]] = field(default_factory=dict)
    drawn: list[str] = field(default_factory=list)
    not_drawn: dict[str, str] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)
    ensemble: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """The configuration that is run."""
        return self.job.config

    @property
    def summary(self) -> dict[str, Any]:
        """Mean, sd, min, max and confidence interval over the finished seeds.

        `ensemble` has the errors of the ensemble of several seeds.
        """
        summary = result.summarize(self.reports)
        return summary | {"ensemble": self.ensemble} if self.ensemble else summary

    @property
    def remaining_seeds(self) -> list[int]:
        """Seeds that were not added yet."""
        added = {report["seed"] for report in self.reports}
        added |= {trained.result.seed for trained in self.trained}
        return [seed for seed in self.config.all_seeds if seed not in added]

    @contextmanager
    def seeds(self, seeds: Sequence[int]) -> Iterator[dict[int, SeedRecord]]:
        """Open the runs of seeds that are trained at once; those that are not added fail with it.

        Yields:
            by seed, what records it.
        """
        bar = ProgressBar(console.console, self.config.language)
        with ExitStack() as still_open:
            records = {seed: self._record(seed, bar) for seed in seeds}
            for record in records.values():
                still_open.push(record.opened)
            try:
                with interruptions_kept():
                    yield records
            finally:
                bar.close()
                while self.trained:
                    self._finish_next()

    def add(self, record: SeedRecord, result: Result) -> None:
        """Write the result of one seed: metrics, predictions, the network; begin its figures.

        The rest is written and logged once these are drawn, while other seeds are evaluated.
        """
        folder = self.job.seed_folder(result.seed)
        result.save(folder)
        for recorder in record.recorders:
            recorder.save(folder)
        with console.busy("drawing"):
            last = self.remaining_seeds == [result.seed]
            shown = self.config, result, self.data, folder, self.environment
            figures = begin_figures(*shown, pool=self.pool, last=last)
        self.trained.append(TrainedSeed(record, result, figures))
        while self.trained and self.trained[0].figures.are_drawn:
            self._finish_next()

    def _finish_next(self) -> None:
        """Write and log the rest of the seed that was added first."""
        trained = self.trained.pop(0)
        with console.busy("drawing"):
            trained.figures.show_texts()
            self.drawn, self.not_drawn = trained.figures.names(), trained.figures.not_drawn()
        self.failed = trained.figures.failed() | self.failed  # of the first seed that met it
        self.reports.append(trained.finish(self.job, self.data))
        self.predictions[trained.result.seed] = trained.result.predictions

    def checkpoints(self) -> dict[int, Checkpoints]:
        """Return the checkpoints of the remaining seeds."""
        folders = {seed: self.job.seed_folder(seed) for seed in self.remaining_seeds}
        minutes = self.config.training.checkpoint_minutes
        return open_checkpoints(folders, self.fingerprints, minutes)

    def adopt(self) -> None:
        """Take over the seeds that earlier attempts at this job finished."""
        if not self.job.several:
            return
        finished = finished_seeds(self.store, self.job)
        for run in (finished[key] for key in self.fingerprints.values() if key in finished):
            self.store.set_parent(run.run_id, self.run.run_id)
            found = FoundRun(run.name, None, run, self.store)
            report = found.report()
            self.reports.append(report)
            self.predictions[report["seed"]] = found.predictions()

    def close(self) -> None:
        """Write and log the summary over several seeds."""
        if not self.job.several:
            return
        folder, seeds = self.job.folder, self.config.all_seeds
        self.reports.sort(key=lambda report: seeds.index(report["seed"]))
        members = [self.predictions[seed] for seed in seeds]
        self.ensemble = measure_ensemble({s: [one[s] for one in members] for s in FILES})
        written = save_summary(self.config, self.summary, self.reports, folder, self.pool)
        self.run.log_metrics(summary_metrics(self.summary, len(seeds)))
        for path in [*written, write_run_page(folder, self.job.sweep_tags)]:
            self.run.log_file(path)

    def _record(self, seed: int, bar: ProgressBar) -> SeedRecord:
        opened = ExitStack()
        run = opened.enter_context(self._open(seed))
        recorders = recorders_of(self.config, self.data)
        return SeedRecord(run, recorders, [bar, EpochLog(run), *recorders], opened)

    @contextmanager
    def _open(self, seed: int) -> Iterator[OpenRun]:
        if not self.job.several:
            yield self.run
            return
        tags = self.job.sweep_tags.tags if self.job.sweep_tags else {}
        tags |= {"level": "seed", "seed": str(seed), "fingerprint": self.fingerprints[seed]}
        tags |= folder_tag(self.job.seed_folder(seed)) | self.seed_tags
        tags |= self.init_from.tags(seed) if self.init_from else {}
        name = f"{self.config.tracking.run_name}-seed-{seed}"
        run_id = interrupted_seed(self.store, self.job, self.fingerprints[seed])
        with self.store.open(name, tags, self.run.run_id, run_id) as run:
            describe_run(run, self.config, self.data, seed)
            yield run
