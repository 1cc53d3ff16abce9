"""What a run leaves behind: files in its folder, and runs in MLflow, one for each seed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

from runner import results, terminal, tracking
from runner.config import Config
from runner.datasets.splits import Dataset
from runner.figures.saving import save
from runner.figures.subject import Subject
from runner.progress import ProgressBar
from runner.results import Result


@dataclass
class Record:
    """The record of one configuration.

    Attributes:
        config: that is run.
        folder: for the files; with several seeds each has a folder in it.
        run_id: of the MLflow run; with several seeds the parent of theirs.
        numbers: of each seed that is finished.
    """

    config: Config
    folder: Path
    tracker: tracking.Tracker
    run_id: str
    numbers: list[dict[str, Any]] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, Any]:
        """Mean, sd, min, max and confidence interval over the seeds that are finished."""
        return results.summarise(self.numbers)

    @property
    def _several(self) -> bool:
        return len(self.config.all_seeds) > 1

    @contextmanager
    def seed(self, seed: int) -> Iterator[list[keras.callbacks.Callback]]:
        """Open the record of one seed; yields the callbacks that keep it during training."""
        bar = ProgressBar(terminal.console)
        callbacks = [bar, _LogEpochs()]
        try:
            if self._several:
                name = f"{self.config.tracking.run_name}-seed-{seed}"
                with self.tracker.run(name, {"seed": str(seed)}, parent=self.run_id):
                    yield callbacks
            else:
                yield callbacks
        finally:
            bar.close()

    def keep(self, result: Result, data: Dataset) -> None:
        """Write and log what one seed gave: numbers, predictions, figures and the network."""
        folder = self.folder / f"seed-{result.seed}" if self._several else self.folder
        result.save(folder)
        subject = _subject(result, data, self.config)
        for name, figure in self.config.figures.items():
            save(figure(subject), folder / "figures" / name)
        numbers = result.numbers()
        tracking.log_numbers(numbers)
        tracking.log_files(folder)
        if self.config.tracking.log_model:
            tracking.log_model(result, data.test.images)
        self.numbers.append(numbers)

    def close(self) -> None:
        """Write and log the summary over several seeds."""
        if self._several:
            content = {"summary": self.summary, "seeds": self.numbers}
            results.write_json(self.folder / "report.json", content)
            tracking.log_numbers(self.summary)
            tracking.log_file(self.folder / "report.json")


@contextmanager
def record(
    config: Config, node: dict[str, Any], folder: Path, tags: dict[str, str]
) -> Iterator[Record]:
    """Open the record of a run.

    Args:
        config: that is run.
        node: the same as plain containers, logged as parameters.
        folder: for the files.
        tags: what else the result depends on.
    """
    tracker = tracking.open_tracker(config.tracking, Path("outputs"))
    with tracker.run(config.tracking.run_name, tags) as run_id:
        tracking.log_configuration(node)
        opened = Record(config, folder, tracker, run_id)
        yield opened
        opened.close()


class _LogEpochs(keras.callbacks.Callback):  # type: ignore[misc]
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        tracking.log_epoch(epoch, logs)


def _subject(result: Result, data: Dataset, config: Config) -> Subject:
    return Subject(
        model=result.training.model,
        images=data.test.images,
        labels=result.report.labels,
        probabilities=result.report.probabilities,
        class_names=data.class_names,
        history=result.training.history,
        language=config.language,
        train=data.train,
    )
