"""The record of a run that is open, and what goes into it with each seed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.config.run_config import Config
from runner.datasets.splits import Dataset
from runner.evaluation import ensembles
from runner.evaluation.baselines import baseline_table
from runner.evaluation.predictions import FILES, AnyPredictions
from runner.figures.baseline_errors import draw_baselines
from runner.figures.figure_files import save_figure
from runner.figures.finished_run import FinishedRun, applies_to, finished_run
from runner.figures.seed_errors import draw_seeds
from runner.figures.training_recorder import Recorder, new_recorders
from runner.run import console
from runner.run import result as results
from runner.run.init_from import InitFrom
from runner.run.progress_bar import ProgressBar
from runner.run.result import Result
from runner.tracking import mlflow_logging, mlflow_runs
from runner.training.observer import Observer


@dataclass
class Record:
    """The record of one configuration.

    Attributes:
        config: that is run.
        folder: for the files; with several seeds each has a folder in it.
        tracker: of the MLflow experiment.
        run_id: of the MLflow run; with several seeds the parent of theirs.
        identities: of each seed: what determines its result.
        tags: of each seed's run where there are several.
        environment: the versions and the hardware it runs on.
        origin: what its trainings go on from, or None.
        numbers: of each seed that is finished.
        predictions: of each of them, for each split there are any of.
        ensemble: errors of all seeds' networks together, once the record is closed.
    """

    config: Config
    folder: Path
    tracker: mlflow_logging.Tracker
    run_id: str
    fingerprints: dict[int, str]
    tags: dict[str, str]
    environment: dict[str, str]
    origin: InitFrom | None
    numbers: list[dict[str, Any]] = field(default_factory=list)
    predictions: dict[int, dict[str, AnyPredictions | None]] = field(default_factory=dict)
    ensemble: dict[str, Any] = field(default_factory=dict)
    _recorders: list[Recorder] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, Any]:
        """Mean, sd, min, max and confidence interval over the seeds that are finished.

        With several, `ensemble` holds the errors of their networks together.
        """
        summary = results.summarize(self.numbers)
        return summary | {"ensemble": self.ensemble} if self.ensemble else summary

    @property
    def remaining_seeds(self) -> list[int]:
        """The seeds that are not finished yet."""
        done = {numbers["seed"] for numbers in self.numbers}
        return [seed for seed in self.config.all_seeds if seed not in done]

    @property
    def _several(self) -> bool:
        return len(self.config.all_seeds) > 1

    @contextmanager
    def seed(self, seed: int) -> Iterator[list[Observer]]:
        """Open the record of one seed; yields the callbacks that keep it during training."""
        bar, log = ProgressBar(console.console), _LogEpochs()
        self._recorders = new_recorders(self.config.figures.values())
        callbacks: list[Observer] = [bar, log, *self._recorders]
        try:
            if self._several:
                name = f"{self.config.tracking.run_name}-seed-{seed}"
                own = {"level": "seed", "seed": str(seed), "fingerprint": self.fingerprints[seed]}
                own |= place(self._folder(seed)) | (self.origin.tags(seed) if self.origin else {})
                with self.tracker.run(name, self.tags | own, parent=self.run_id), closing(log):
                    yield callbacks
            else:
                with closing(log):
                    yield callbacks
        finally:
            bar.close()

    def keep(self, result: Result, data: Dataset) -> None:
        """Write and log what one seed gave: numbers, predictions, figures and the network."""
        folder = self._folder(result.seed)
        result.save(folder)
        for recorder in self._recorders:
            recorder.save(folder)
        self._draw(self._subject(result, data), folder / "figures")
        numbers = result.numbers()
        self._save_baselines([numbers], folder)
        mlflow_logging.log_numbers(numbers)
        mlflow_logging.log_files(folder)
        if self.config.tracking.log_model:
            mlflow_logging.log_model(result, data.train.images)
        self.numbers.append(numbers)
        self.predictions[result.seed] = result.predictions

    def _draw(self, subject: FinishedRun, folder: Path) -> None:
        """Draw the configured figures; say once which of them show what there is not."""
        fitting = {name: f for name, f in self.config.figures.items() if applies_to(f, subject)}
        if len(fitting) < len(self.config.figures) and not self.numbers:
            others = [name for name in self.config.figures if name not in fitting]
            console.show_not_drawn(others, self.config.evaluation.test)
        for name, figure in fitting.items():
            for path in save_figure(figure(subject), folder / name):
                if path.suffix == ".txt" and not self._several:
                    console.show_text(path)

    def _folder(self, seed: int) -> Path:
        return self.folder / f"seed-{seed}" if self._several else self.folder

    def _subject(self, result: Result, data: Dataset) -> FinishedRun:
        return finished_run(
            data,
            result.report.predicted if result.report is not None else None,
            model=result.training.model,
            history=result.training.history,
            language=self.config.language,
            train=data.train,
            folder=self._folder(result.seed),
            augmentation=self.config.augmentation,
            environment=self.environment,
        )

    def adopt(self, sweep: str, job: str) -> None:
        """Take over the seeds that earlier attempts of a sweep at this job have finished."""
        orphans = mlflow_runs.orphans(mlflow_runs.runs_of_sweep(sweep), job)
        for identity in self.fingerprints.values():
            if identity in orphans:
                mlflow_runs.adopt(orphans[identity], self.run_id)
                numbers = orphans[identity].report()
                self.numbers.append(numbers)
                self.predictions[numbers["seed"]] = {**orphans[identity].predictions()}

    def close(self) -> None:
        """Write and log the summary over several seeds."""
        if self._several:
            self.numbers.sort(key=lambda numbers: self.config.all_seeds.index(numbers["seed"]))
            self.ensemble = self._measure_ensemble()
            content = {"summary": self.summary, "seeds": self.numbers}
            results.write_json(self.folder / "report.json", content)
            mlflow_logging.log_numbers(self.summary)
            mlflow_logging.log_file(self.folder / "report.json")
            drawn = save_figure(
                draw_seeds(self.numbers, self.config.language), self.folder / "seeds"
            )
            for path in [*drawn, *self._save_baselines(self.numbers, self.folder)]:
                mlflow_logging.log_file(path)

    def _save_baselines(self, numbers: list[dict[str, Any]], folder: Path) -> list[Path]:
        """Write the baselines' table and figure, if there are any; return what was written."""
        if not self.config.baselines:
            return []
        texts = {
            "baselines.md": baseline_table.baseline_markdown(numbers),
            "baselines.csv": baseline_table.baseline_csv(numbers),
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        drawn = save_figure(draw_baselines(numbers, self.config.language), folder / "baselines")
        return [*(folder / name for name in texts), *drawn]

    def _measure_ensemble(self) -> dict[str, Any]:
        members = [self.predictions[seed] for seed in self.config.all_seeds]
        return ensembles.measure_ensemble(
            {split: [one[split] for one in members] for split in FILES}
        )


def place(folder: Path) -> dict[str, str]:
    """Return the tag by which a run's files are found."""
    return {"folder": str(folder.resolve())}


class _LogEpochs(Observer):
    def __init__(self) -> None:
        self._log = mlflow_logging.EpochLog()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._log.add(epoch, logs)

    def close(self) -> None:
        """Log what waits, also after a failure."""
        self._log.send()
